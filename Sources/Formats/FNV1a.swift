/// The 64-bit hash of Fowler, Noll and Vo, in its variant 1a.
package struct FNV1a {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    /// The value in 16 hexadecimal digits.
    package var digits: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    /// Its eight bytes, the lowest first.
    mutating func add(_ number: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
    }

    /// A name, filled up with NUL to `count` bytes.
    mutating func add(_ name: StaticString, count: Int) {
        name.withUTF8Buffer { bytes in for index in 0..<count { add(index < bytes.count ? bytes[index] : 0) } }
    }

    /// A text and the NUL behind it.
    package mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(UInt8(0))
    }

    /// A string and the NUL behind it.
    mutating func add(_ text: UnsafeRawBufferPointer?) {
        for byte in text ?? UnsafeRawBufferPointer(start: nil, count: 0) { add(byte) }
        add(UInt8(0))
    }
}
