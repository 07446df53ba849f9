/// The four kinds of strings.
extension TOMLParser {
    /// "…" with escapes, on one line.
    mutating func basicString() throws(TOMLError) -> String {
        let begin = place
        index += 1
        var text: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            default: text.append(try plain(byte))
            }
        }
        throw TOMLError(place: begin, what: "the text's closing \" is missing")
    }

    /// '…' as it stands, on one line.
    mutating func literalString() throws(TOMLError) -> String {
        let begin = place
        index += 1
        let start = index
        while let byte = peek {
            if byte == UInt8(ascii: "'") {
                index += 1
                return String(decoding: bytes[start..<index - 1], as: UTF8.self)
            }
            _ = try plain(byte)
        }
        throw TOMLError(place: begin, what: "the text's closing ' is missing")
    }

    /// """…""" or '''…'''; a newline right behind the opening quotes is none of the text.
    mutating func multilineString(_ quote: Unicode.Scalar) throws(TOMLError) -> String {
        let begin = place
        let quote = UInt8(ascii: quote)
        index += 3
        _ = takeNewline()
        var text: [UInt8] = []
        while let byte = peek {
            if byte == quote {
                var count = 0
                while peek == quote, count < 5 {
                    index += 1
                    count += 1
                }
                // Up to two of them may stand before the closing ones.
                if count >= 3 {
                    text += repeatElement(quote, count: count - 3)
                    return String(decoding: text, as: UTF8.self)
                }
                text += repeatElement(quote, count: count)
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                if try !skipLineEnd() { try escape(into: &text) }
            } else if takeNewline() {
                text.append(UInt8(ascii: "\n"))
            } else {
                text.append(try plain(byte))
            }
        }
        throw TOMLError(place: begin, what: "the text's closing three quotes are missing")
    }

    /// A backslash at the end of a line takes all blanks and newlines behind it away.
    private mutating func skipLineEnd() throws(TOMLError) -> Bool {
        let begin = index
        index += 1
        skipBlanks()
        guard takeNewline() else {
            index = begin
            return false
        }
        repeat { skipBlanks() } while takeNewline()
        return true
    }

    /// A byte that stands for itself.
    private mutating func plain(_ byte: UInt8) throws(TOMLError) -> UInt8 {
        guard byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") else {
            throw error("the text's closing quote is missing on its line")
        }
        guard byte >= 0x20 && byte != 0x7f || byte == UInt8(ascii: "\t") else {
            throw error("a control character in a text: write it as \\u00\(String(byte, radix: 16))")
        }
        index += 1
        return byte
    }

    private mutating func escape(into text: inout [UInt8]) throws(TOMLError) {
        index += 1
        guard let letter = peek else { throw error("the text ends in a backslash") }
        index += 1
        switch letter {
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(letter)
        case UInt8(ascii: "u"): try scalar(digits: 4, into: &text)
        case UInt8(ascii: "U"): try scalar(digits: 8, into: &text)
        default:
            index -= 2
            throw error("no such escape; a text in '…' takes backslashes as they are")
        }
    }

    private mutating func scalar(digits: Int, into text: inout [UInt8]) throws(TOMLError) {
        let slice = bytes[index..<min(index + digits, bytes.count)]
        let number = String(decoding: slice, as: UTF8.self)
        guard slice.count == digits, number.allSatisfy({ $0.isASCII && $0.isHexDigit }),
            let scalar = UInt32(number, radix: 16).flatMap(Unicode.Scalar.init)
        else { throw error("no character: \(digits) hexadecimal digits are expected") }
        index += digits
        text += Array(String(Character(scalar)).utf8)
    }
}
