/// Bytes from outside as JSON strings that are always valid.
package enum JSONText {
    /// Writes the contents of a JSON string, without quotes, and returns whether it had to be escaped.
    ///
    /// Text that is UTF-8 is written as JSON asks. Other bytes cannot be: then each of them is written as `\xNN` and each
    /// backslash of the text as two, so that the bytes can be told; the caller must mark such a text.
    package static func write(_ text: UnsafeRawBufferPointer, to buffer: inout TextBuffer) -> Bool {
        var start = 0
        var index = 0
        let count = text.count
        buffer.reserve(count)
        while index < count {
            if index + 8 <= count, allPlain(text.loadUnaligned(fromByteOffset: index, as: UInt64.self)) {
                index += 8
                continue
            }
            let byte = text[index]
            if plain(byte) {
                index += 1
                continue
            }
            let length = byte < 0x80 ? 0 : sequenceLength(text, at: index)
            if length > 0 {
                index += length
                continue
            }
            if byte >= 0x80 {
                writeEscaped(text, to: &buffer, after: start)
                return true
            }
            buffer.append(UnsafeRawBufferPointer(rebasing: text[start..<index]))
            writeControl(byte, to: &buffer)
            index += 1
            start = index
        }
        buffer.append(UnsafeRawBufferPointer(rebasing: text[start..<count]))
        return false
    }

    /// Whether eight bytes at once are plain: none has its high bit set, is below a space, or is a quote, backslash or DEL.
    @inline(__always)
    private static func allPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        // A byte that equals the one sought becomes zero, and borrowing then sets its high bit (Hacker's Delight, 6-1).
        func has(_ byte: UInt64) -> UInt64 {
            let difference = word ^ (ones &* byte)
            return (difference &- ones) & ~difference
        }
        let controls = (word &- ones &* 0x20) & ~word
        return (word | controls | has(0x22) | has(0x5c) | has(0x7f)) & high == 0
    }

    @inline(__always)
    private static func plain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Starts again: the part up to `written` is in the buffer already, as plain JSON.
    private static func writeEscaped(_ text: UnsafeRawBufferPointer, to buffer: inout TextBuffer, after written: Int) {
        buffer.truncate(to: buffer.count - plainLength(text, upTo: written))
        var index = 0
        while index < text.count {
            let byte = text[index]
            let length = byte < 0x80 ? 0 : sequenceLength(text, at: index)
            if length > 0 {
                buffer.append(UnsafeRawBufferPointer(rebasing: text[index..<index + length]))
                index += length
                continue
            }
            index += 1
            if byte == UInt8(ascii: "\\") {
                buffer.append(#"\\\\"#)
            } else if byte >= 0x80 {
                buffer.append(#"\\x"#)
                buffer.append(UInt64(byte), base: 16)
            } else if plain(byte) {
                buffer.append(byte)
            } else {
                writeControl(byte, to: &buffer)
            }
        }
    }

    /// How many bytes `write` made of the first `count` bytes.
    private static func plainLength(_ text: UnsafeRawBufferPointer, upTo count: Int) -> Int {
        var length = 0
        for byte in text[..<count] {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x08, 0x09, 0x0a, 0x0c, 0x0d: length += 2
            case 0..<0x20, 0x7f: length += 6
            default: length += 1
            }
        }
        return length
    }

    private static func writeControl(_ byte: UInt8, to buffer: inout TextBuffer) {
        switch byte {
        case UInt8(ascii: "\""): buffer.append(#"\""#)
        case UInt8(ascii: "\\"): buffer.append(#"\\"#)
        case 0x08: buffer.append(#"\b"#)
        case 0x09: buffer.append(#"\t"#)
        case 0x0a: buffer.append(#"\n"#)
        case 0x0c: buffer.append(#"\f"#)
        case 0x0d: buffer.append(#"\r"#)
        default:
            // DEL as well: it is valid in JSON, but a terminal acts on it.
            buffer.append(#"\u00"#)
            buffer.append(UInt64(byte >> 4), base: 16)
            buffer.append(UInt64(byte & 15), base: 16)
        }
    }

    /// The length of the UTF-8 sequence at `index`, or 0 when it is none (The Unicode Standard, table 3-7).
    static func sequenceLength(_ text: UnsafeRawBufferPointer, at index: Int) -> Int {
        let first = text[index]
        let (length, second): (Int, ClosedRange<UInt8>)
        switch first {
        case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xe1...0xec, 0xee...0xef: (length, second) = (3, 0x80...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: return 0
        }
        guard index + length <= text.count, second.contains(text[index + 1]) else { return 0 }
        // C1 controls: a terminal may act on them
        if first == 0xc2, text[index + 1] < 0xa0 { return 0 }
        for position in index + 2..<max(index + length, index + 2) where !(0x80...0xbf).contains(text[position]) {
            return 0
        }
        return length
    }
}
