import UserInput

/// Reads expressions of filters: what binds weakest first.
struct ExpressionParser {
    private var rest: Substring
    private var depth = 0
    /// What binds weakest stands first.
    private static let levels: [[FilterExpression.Operation]] = [
        [.or], [.and], [.equal, .notEqual, .atMost, .atLeast, .less, .greater], [.plus, .minus],
    ]

    init(_ text: String) { rest = text[...] }

    mutating func whole() throws(FilterValueError) -> FilterExpression {
        let expression = try binary(0)
        skipSpaces()
        guard rest.isEmpty else { throw unexpected("the end") }
        return expression
    }

    private mutating func binary(_ level: Int) throws(FilterValueError) -> FilterExpression {
        guard level < Self.levels.count else { return try unary() }
        var left = try binary(level + 1)
        while let operation = takeOne(of: Self.levels[level]) { left = .binary(operation, left, try binary(level + 1)) }
        return left
    }

    private mutating func unary() throws(FilterValueError) -> FilterExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= PolicyLimits.depth else {
            throw FilterValueError("has more than \(PolicyLimits.depth) levels of brackets and signs")
        }
        skipSpaces()
        if take("!") { return .not(try unary()) }
        if take("-") { return .negative(try unary()) }
        if take("(") {
            let inner = try binary(0)
            try expect(")")
            return inner
        }
        let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard let first = word.first else { throw unexpected("a number, an argument or a bracket") }
        if first.isNumber { return try number(word) }
        if word == "true" || word == "false" {
            rest = rest.dropFirst(word.count)
            return .boolean(word == "true")
        }
        if word.hasPrefix("arg"), let position = PlainNumber.decimal(word.dropFirst(3)), position < 1 << 16 {
            rest = rest.dropFirst(word.count)
            return .argument(Int(position))
        }
        return try call(word)
    }

    private mutating func number(_ word: Substring) throws(FilterValueError) -> FilterExpression {
        // CEL marks unsigned numbers with a letter.
        let digits = word.last == "u" && !word.hasPrefix("0x") ? word.dropLast() : word
        guard let number = PlainNumber.number(digits), number <= Int128(UInt64.max) else {
            throw unexpected("a number of 64 bits")
        }
        rest = rest.dropFirst(word.count)
        return .number(number)
    }

    private mutating func call(_ word: Substring) throws(FilterValueError) -> FilterExpression {
        guard let function = FilterExpression.Function(rawValue: String(word)) else {
            let names = FilterExpression.Function.allCases.map { "\($0.rawValue)()" }.joined(separator: ", ")
            throw FilterValueError("'\(VisibleText.of(String(word)))' is unknown; there are arg0, arg1 … and \(names)")
        }
        rest = rest.dropFirst(word.count)
        try expect("(")
        var arguments = [try binary(0)]
        while take(",") { arguments.append(try binary(0)) }
        try expect(")")
        guard arguments.count == function.count else {
            throw FilterValueError("\(word)() takes \(function.count), not \(arguments.count) arguments")
        }
        return .call(function, arguments)
    }

    private mutating func takeOne(of operations: [FilterExpression.Operation]) -> FilterExpression.Operation? {
        operations.first { take($0.rawValue) }
    }

    private mutating func take(_ text: String) -> Bool {
        skipSpaces()
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    private mutating func expect(_ text: String) throws(FilterValueError) {
        guard take(text) else { throw unexpected("'\(text)'") }
    }

    private mutating func skipSpaces() { rest = rest.drop { $0.isWhitespace } }

    private func unexpected(_ expected: String) -> FilterValueError {
        let found = rest.isEmpty ? "the end" : "'\(VisibleText.of(String(rest.prefix(20))))'"
        return FilterValueError("has \(found) where \(expected) is expected")
    }
}
