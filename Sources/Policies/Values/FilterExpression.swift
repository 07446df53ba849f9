/// A condition over arguments, in the part of CEL that becomes instructions.
package indirect enum FilterExpression: Sendable, Equatable {
    /// What joins two expressions.
    package enum Operation: String, Sendable {
        case or = "||"
        case and = "&&"
        case equal = "=="
        case notEqual = "!="
        case atMost = "<="
        case atLeast = ">="
        case less = "<"
        case greater = ">"
        case plus = "+"
        case minus = "-"
    }

    /// Functions, and how many arguments they take.
    package enum Function: String, Sendable, CaseIterable {
        case int32, uint32, and, or, xor, not

        var count: Int { self == .int32 || self == .uint32 || self == .not ? 1 : 2 }
    }

    case number(Int128)
    case boolean(Bool)
    /// An argument by its position in the policy's list.
    case argument(Int)
    case not(FilterExpression)
    case negative(FilterExpression)
    case binary(Operation, FilterExpression, FilterExpression)
    case call(Function, [FilterExpression])

    /// Reads an expression such as `arg0 > 3 && arg1 != 0`.
    package init(_ text: String) throws(FilterValueError) {
        guard text.utf8.count <= PolicyLimits.expressionBytes else {
            throw FilterValueError("is longer than \(PolicyLimits.expressionBytes) bytes")
        }
        var parser = ExpressionParser(text)
        self = try parser.whole()
    }

    /// The positions of all arguments in it.
    package var arguments: [Int] {
        switch self {
        case .number, .boolean: []
        case .argument(let position): [position]
        case .not(let inner), .negative(let inner): inner.arguments
        case .binary(_, let left, let right): left.arguments + right.arguments
        case .call(_, let inner): inner.flatMap(\.arguments)
        }
    }
}
