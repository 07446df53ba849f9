import UserInput

/// A value that is neither list nor mapping.
struct YAMLScalar {
    /// What a value without quotes is taken for.
    enum Meaning: Equatable {
        case null
        case boolean(Bool)
        case integer(Int128)
        /// A number that is no integer, or one too large.
        case number
        /// What some readers of YAML take for a boolean or an octal number, and others do not.
        case ambiguous
        case text
    }

    let text: String
    let meaning: Meaning

    init(_ text: String, isPlain: Bool) {
        self.text = text
        meaning = isPlain ? Self.meaning(text) : .text
    }

    /// For errors.
    var kind: String {
        switch meaning {
        case .null: "nothing"
        case .boolean: "the boolean \(text)"
        case .integer, .number: "the number \(VisibleText.of(text))"
        case .ambiguous: "'\(VisibleText.of(text))', which not all readers of YAML take for the same"
        case .text: "the text '\(VisibleText.of(text))'"
        }
    }

    private static func meaning(_ text: String) -> Meaning {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        case "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF":
            return .ambiguous
        default: break
        }
        guard let first = text.utf8.first, text.utf8.count < 400,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) || "+-.".utf8.contains(first)
        else { return .text }
        let digits = text.drop { $0 == "-" || $0 == "+" }
        if digits.first == "0", digits.utf8.count > 1, PlainNumber.decimal(digits) != nil { return .ambiguous }
        if let number = PlainNumber.number(text) { return .integer(number) }
        if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(String(digits)) { return .number }
        // Neither 0x1p3 nor "nan", which Swift would take.
        let isDecimal = digits.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
        return isDecimal && Double(digits) != nil ? .number : .text
    }
}
