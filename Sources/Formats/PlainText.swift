/// Bytes from outside as text that is always valid, for columns of text.
package enum PlainText {
    /// Writes the text that the string of the JSON format stands for; a NUL, which databases do not keep, as `\x00`.
    package static func write(_ text: UnsafeRawBufferPointer, to buffer: inout TextBuffer) {
        if isASCII(text) { return buffer.append(text) }
        let isEscaped = hasForeignBytes(text)
        var index = 0
        while index < text.count {
            let byte = text[index]
            let length = byte < 0x80 ? 1 : JSONText.sequenceLength(text, at: index)
            switch byte {
            case 0: buffer.append(#"\x00"#)
            case UInt8(ascii: "\\") where isEscaped: buffer.append(#"\\"#)
            case _ where length == 0:
                buffer.append(#"\x"#)
                buffer.append(UInt64(byte), base: 16)
            default: buffer.append(UnsafeRawBufferPointer(rebasing: text[index..<index + length]))
            }
            index += max(length, 1)
        }
    }

    /// Whether no byte is a NUL or has its high bit set.
    private static func isASCII(_ text: UnsafeRawBufferPointer) -> Bool {
        let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        var index = 0
        while index + 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if (word | (word &- ones)) & high != 0 { return false }
            index += 8
        }
        return text[index...].allSatisfy { $0 > 0 && $0 < 0x80 }
    }

    private static func hasForeignBytes(_ text: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < text.count {
            let length = text[index] < 0x80 ? 1 : JSONText.sequenceLength(text, at: index)
            if length == 0 { return true }
            index += length
        }
        return false
    }
}
