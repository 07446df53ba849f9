/// Strings in one block, each with a NUL behind it; a last one without is one as well.
struct NULSeparated: Sequence, IteratorProtocol {
    private var rest: UnsafeRawBufferPointer

    init(_ block: UnsafeRawBufferPointer) { rest = block }

    mutating func next() -> UnsafeRawBufferPointer? {
        guard rest.count > 0 else { return nil }
        let end = rest.firstIndex(of: 0) ?? rest.count
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[Swift.min(end + 1, rest.count)...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<end])
    }
}

/// Tetragon's `arguments`: all but the first, joined by spaces, with quotes around one that has a space in it.
///
/// It cannot be taken apart again; `argv` can.
enum CommandLineText {
    /// Writes them escaped as in JSON strings, with `quote` as the format around has it; true when one is no UTF-8.
    static func write(_ strings: UnsafeRawBufferPointer, quote: StaticString, to buffer: inout TextBuffer) -> Bool {
        var escaped = false
        var position = 0
        for string in NULSeparated(strings) {
            defer { position += 1 }
            if position == 0 { continue }
            if position > 1 { buffer.append(UInt8(ascii: " ")) }
            let quoted = string.contains(UInt8(ascii: " "))
            if quoted { buffer.append(quote) }
            if JSONText.write(string, to: &buffer) { escaped = true }
            if quoted { buffer.append(quote) }
        }
        return escaped
    }
}

/// Base64 as RFC 4648 section 4 has it.
enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func write(_ bytes: [UInt8], to buffer: inout TextBuffer) {
        bytes.withUnsafeBytes { write($0, to: &buffer) }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to buffer: inout TextBuffer) {
        buffer.reserve((bytes.count + 2) / 3 * 4)
        for begin in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[begin..<min(begin + 3, bytes.count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                let index = Int(bits >> UInt32(18 - 6 * position) & 63)
                buffer.append(position <= group.count ? alphabet[index] : UInt8(ascii: "="))
            }
        }
    }
}
