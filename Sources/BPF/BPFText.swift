/// A field of `capacity` bytes that holds text up to its first NUL, as `char name[16]` does in C.
///
/// For example, a key of a map that counts by command:
///
/// ```swift
/// let counts = try loaded.map(.counts).typed(BPFText<16>.self, UInt64.self)
/// print(try counts.value(BPFText("bash")) ?? 0)
/// ```
public struct BPFText<let capacity: Int>: BitwiseCopyable, Sendable {
    /// The bytes, as the kernel program sees them.
    public var bytes = InlineArray<capacity, UInt8>(repeating: 0)

    /// No text: all bytes are NUL.
    public init() {}

    /// The text in UTF-8, filled up with NUL; what does not fit, with a NUL behind it, is cut off.
    public init(_ text: String) {
        for (index, byte) in text.utf8.prefix(capacity - 1).enumerated() { bytes[index] = byte }
    }
}

extension BPFText: CustomStringConvertible {
    /// The text; bytes that are not UTF-8 are replaced.
    public var description: String {
        bytes.span.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension BPFText: Hashable {
    /// Whether all bytes are equal, those behind the NUL as well: to the kernel they are part of a key.
    public static func == (left: Self, right: Self) -> Bool {
        left.bytes.indices.allSatisfy { left.bytes[$0] == right.bytes[$0] }
    }

    /// Takes in all bytes.
    public func hash(into hasher: inout Hasher) {
        bytes.span.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
