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

    /// Whether an address of 4 or 16 bytes is one of them; IPv4's within IPv6 (::ffff:a.b.c.d) is IPv4's.
    package func contains(_ address: UnsafeRawBufferPointer) -> Bool {
        let address =
            bytes.count == 4 && Self.isMapped(address) ? UnsafeRawBufferPointer(rebasing: address[12...]) : address
        guard address.count == bytes.count else { return false }
        let whole = length / 8
        guard address.prefix(whole).elementsEqual(bytes.prefix(whole)) else { return false }
        let rest = length % 8
        return rest == 0 || (address[whole] ^ bytes[whole]) >> (8 - rest) == 0
    }

    /// Whether it is IPv4's within IPv6.
    package static func isMapped(_ address: UnsafeRawBufferPointer) -> Bool {
        address.count == 16 && address[..<10].allSatisfy { $0 == 0 } && address[10] == 0xff && address[11] == 0xff
    }
}
