import Glibc

/// IP addresses as inet_ntop(3) writes them.
package enum AddressText {
    /// Writes an address and a port, with brackets around what has colons itself.
    static func write(_ bytes: UnsafeRawBufferPointer, port: UInt16, to buffer: inout TextBuffer) {
        if bytes.count == 16 { buffer.append(UInt8(ascii: "[")) }
        write(bytes, to: &buffer)
        if bytes.count == 16 { buffer.append(UInt8(ascii: "]")) }
        buffer.append(UInt8(ascii: ":"))
        buffer.append(UInt64(port))
    }

    /// Writes an address of 4 or 16 bytes; another number of bytes is none.
    package static func write(_ bytes: UnsafeRawBufferPointer, to buffer: inout TextBuffer) {
        guard let base = bytes.baseAddress, bytes.count == 4 || bytes.count == 16 else { return }
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            let family = bytes.count == 4 ? AF_INET : AF_INET6
            guard let start = text.baseAddress, inet_ntop(family, base, start, socklen_t(INET6_ADDRSTRLEN)) != nil
            else {
                return
            }
            buffer.append(UnsafeRawBufferPointer(start: start, count: strlen(start)))
        }
    }
}
