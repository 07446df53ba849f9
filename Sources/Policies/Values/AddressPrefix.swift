import Glibc

/// An IP address, or all that begin like it.
package struct AddressPrefix: Sendable, Hashable {
    /// 4 or 16 bytes as they are sent; those behind the prefix are zero.
    package let bytes: [UInt8]
    /// How many bits count.
    package let length: Int

    /// Reads `10.0.0.0/8`, `::1` and the like; nil when it is none.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let address = String(parts[0])
        // The C library would read only what stands before a NUL.
        guard !address.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, address, &bytes) == 1 {
            bytes.removeLast(12)
        } else if inet_pton(AF_INET6, address, &bytes) != 1 {
            return nil
        }
        var length = bytes.count * 8
        if parts.count == 2 {
            guard let number = PlainNumber.decimal(parts[1]), number <= UInt64(length) else { return nil }
            length = Int(number)
        }
        for index in bytes.indices {
            let kept = min(max(length - index * 8, 0), 8)
            bytes[index] &= UInt8(truncatingIfNeeded: 0xff00 >> kept)
        }
        self.bytes = bytes
        self.length = length
    }
}
