import UserInput

/// Values that are no strings.
extension TOMLParser {
    mutating func value() throws(TOMLError) -> TOMLNode {
        let place = place
        switch peek {
        case nil, UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#"): throw error("a value is missing")
        case UInt8(ascii: "\""):
            let text = try isTripled("\"") ? multilineString("\"") : basicString()
            return TOMLNode(value: .string(text), place: place)
        case UInt8(ascii: "'"):
            let text = try isTripled("'") ? multilineString("'") : literalString()
            return TOMLNode(value: .string(text), place: place)
        case UInt8(ascii: "["): return try nested { parser throws(TOMLError) in try parser.array(place) }
        case UInt8(ascii: "{"): return try nested { parser throws(TOMLError) in try parser.inlineTable(place) }
        default: return TOMLNode(value: try bareValue(), place: place)
        }
    }

    private func isTripled(_ quote: Unicode.Scalar) -> Bool {
        bytes[index...].starts(with: repeatElement(UInt8(ascii: quote), count: 3))
    }

    private mutating func nested(
        _ body: (inout TOMLParser) throws(TOMLError) -> TOMLNode
    ) throws(TOMLError) -> TOMLNode {
        guard depth < Self.deepest else { throw error("more than \(Self.deepest) lists and tables in each other") }
        depth += 1
        defer { depth -= 1 }
        index += 1
        return try body(&self)
    }

    private mutating func array(_ place: InputPlace) throws(TOMLError) -> TOMLNode {
        var nodes: [TOMLNode] = []
        while true {
            try skipBlankLines()
            if peek == UInt8(ascii: "]") { break }
            nodes.append(try value())
            try skipBlankLines()
            if peek == UInt8(ascii: ",") {
                index += 1
            } else if peek != UInt8(ascii: "]") {
                throw error("a list goes on with , or ends with ]")
            }
        }
        index += 1
        return TOMLNode(value: .array(nodes), place: place)
    }

    private mutating func bareValue() throws(TOMLError) -> TOMLNode.Value {
        let begin = index
        while let byte = peek, !" \t\r\n,]}#".utf8.contains(byte) { index += 1 }
        // A date and a time may have a space between them.
        let isDate = index - begin == 10 && bytes[begin + 4] == UInt8(ascii: "-")
        if isDate, peek == UInt8(ascii: " "), index + 3 < bytes.count, bytes[index + 3] == UInt8(ascii: ":") {
            index += 1
            while let byte = peek, !" \t\r\n,]}#".utf8.contains(byte) { index += 1 }
        }
        let text = String(decoding: bytes[begin..<index], as: UTF8.self)
        let end = index
        index = begin
        defer { index = end }
        switch text {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "inf", "+inf": return .float(.infinity)
        case "-inf": return .float(-.infinity)
        case "nan", "+nan", "-nan": return .float(.nan)
        default: break
        }
        if let number = TOMLNumber.integer(text) {
            guard let value = number.value else { throw error("\(text) is too large: 64 bits at most") }
            return .integer(value)
        }
        if let number = TOMLNumber.float(text) { return .float(number) }
        if TOMLNumber.isMoment(text) { return .moment(text) }
        throw error("'\(text.prefix(40))' is no value: a text stands in quotes")
    }
}

/// How numbers and dates are written.
private enum TOMLNumber {
    /// Nil: it is not written as one; without a value: it does not fit.
    static func integer(_ text: String) -> (value: Int64?, Void)? {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
            guard let digits = digits(text.dropFirst(2), radix: radix) else { return nil }
            return (Int64(digits, radix: radix), ())
        }
        let sign = text.hasPrefix("-") ? "-" : ""
        let rest = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard let digits = digits(rest, radix: 10), digits == "0" || !digits.hasPrefix("0") else { return nil }
        return (Int64(sign + digits), ())
    }

    static func float(_ text: String) -> Double? {
        let rest = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        let parts = rest.split(separator: "e", omittingEmptySubsequences: false).flatMap {
            $0.split(separator: "E", omittingEmptySubsequences: false)
        }
        guard parts.count == 1 || parts.count == 2 else { return nil }
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard mantissa.count <= 2, mantissa.count == 2 || parts.count == 2,
            mantissa.allSatisfy({ digits($0, radix: 10) != nil }),
            mantissa[0] == "0" || !mantissa[0].hasPrefix("0")
        else { return nil }
        if parts.count == 2 {
            let exponent = parts[1].hasPrefix("-") || parts[1].hasPrefix("+") ? parts[1].dropFirst() : parts[1]
            guard digits(exponent, radix: 10) != nil else { return nil }
        }
        return Double(text.filter { $0 != "_" })
    }

    /// Without underscores, each of which stands between two digits.
    private static func digits(_ text: Substring, radix: Int) -> String? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.hexDigitValue ?? 99 < radix } }) else {
            return nil
        }
        return parts.joined()
    }

    /// Whether it has the form of a date, a time or both; rules have no use for them.
    static func isMoment(_ text: String) -> Bool {
        guard text.count >= 8, text.first?.isNumber == true else { return false }
        let shape = text.map { $0.isNumber ? "0" : String($0) }.joined()
        return shape.hasPrefix("0000-00-00") || shape.hasPrefix("00:00:00")
    }
}
