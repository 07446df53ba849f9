/// Text in quotes as Go's `%q` writes it.
///
/// Source: the documentation of strconv.Quote and strconv.IsPrint.
package enum GoQuoted {
    /// Writes it with its quotes.
    package static func write(_ text: UnsafeRawBufferPointer, to buffer: inout TextBuffer) {
        buffer.append(UInt8(ascii: "\""))
        var rest = text[...]
        while let first = rest.first {
            if first < 0x80 {
                ascii(first, to: &buffer)
                rest = rest.dropFirst()
                continue
            }
            let (scalar, length) = decode(rest)
            if let scalar {
                if isPrintable(scalar) {
                    for byte in rest.prefix(length) { buffer.append(byte) }
                } else {
                    buffer.append(scalar.value > 0xffff ? "\\U" : "\\u")
                    hexadecimal(UInt64(scalar.value), digits: scalar.value > 0xffff ? 8 : 4, to: &buffer)
                }
            } else {
                byte(first, to: &buffer)
            }
            rest = rest.dropFirst(length)
        }
        buffer.append(UInt8(ascii: "\""))
    }

    private static func ascii(_ character: UInt8, to buffer: inout TextBuffer) {
        switch character {
        case UInt8(ascii: "\""): buffer.append("\\\"")
        case UInt8(ascii: "\\"): buffer.append("\\\\")
        case 0x07: buffer.append("\\a")
        case 0x08: buffer.append("\\b")
        case 0x09: buffer.append("\\t")
        case 0x0a: buffer.append("\\n")
        case 0x0b: buffer.append("\\v")
        case 0x0c: buffer.append("\\f")
        case 0x0d: buffer.append("\\r")
        case 0x20..<0x7f: buffer.append(character)
        default: byte(character, to: &buffer)
        }
    }

    private static func byte(_ value: UInt8, to buffer: inout TextBuffer) {
        buffer.append("\\x")
        hexadecimal(UInt64(value), digits: 2, to: &buffer)
    }

    private static func hexadecimal(_ number: UInt64, digits: Int, to buffer: inout TextBuffer) {
        for place in (0..<digits).reversed() {
            let digit = UInt8(number >> UInt64(4 * place) & 0xf)
            buffer.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// The first character and its length; no character and 1 for a byte that begins none.
    private static func decode(_ bytes: Slice<UnsafeRawBufferPointer>) -> (Unicode.Scalar?, Int) {
        var iterator = bytes.makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return (nil, 1) }
        return (scalar, UTF8.width(scalar))
    }

    /// Letters, marks, numbers, punctuation and symbols.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}
