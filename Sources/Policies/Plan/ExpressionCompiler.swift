import Filters

/// Turns an expression of a policy into operations: all is computed in 64 bits.
package struct ExpressionCompiler {
    /// What a part of an expression is.
    package enum Kind: Sendable {
        case condition
        /// A number that is below 2^63 and not below zero: it goes with any other.
        case plain
        case signed
        /// 64 bits without a sign.
        case unsigned

        /// That of an argument.
        init(_ type: ArgumentType) {
            guard let numbers = type.numbers else {
                self = .plain
                return
            }
            self = numbers.lowerBound < 0 ? .signed : numbers.upperBound > Int128(Int64.max) ? .unsigned : .plain
        }
    }

    private let kind: (Int) -> Kind
    private let reading: (Int) -> Int
    private var operations: [NumberExpression.Operation] = []

    /// - Parameters:
    ///   - kind: what the argument at a position of the policy's list is.
    ///   - reading: its position among what the hook reads.
    package static func compile(
        _ expression: FilterExpression,
        kind: @escaping (Int) -> Kind,
        reading: @escaping (Int) -> Int
    )
        throws(FilterValueError) -> NumberExpression
    {
        var compiler = ExpressionCompiler(kind: kind, reading: reading)
        guard try compiler.add(expression) == .condition else {
            throw FilterValueError("is a number, and no condition: compare it, such as (…) != 0")
        }
        do throws(NumberExpression.Problem) {
            return try NumberExpression(compiler.operations)
        } catch {
            throw FilterValueError("\(error)")
        }
    }

    private init(kind: @escaping (Int) -> Kind, reading: @escaping (Int) -> Int) {
        self.kind = kind
        self.reading = reading
    }

    private mutating func add(_ expression: FilterExpression) throws(FilterValueError) -> Kind {
        switch expression {
        case .number(let number):
            operations.append(.number(UInt64(truncatingIfNeeded: number)))
            return number > Int128(Int64.max) ? .unsigned : .plain
        case .boolean(let isTrue):
            operations.append(.number(isTrue ? 1 : 0))
            return .condition
        case .argument(let position):
            operations.append(.value(reading(position)))
            return kind(position)
        case .not(let inner):
            guard try add(inner) == .condition else { throw Self.needsCondition("!") }
            operations.append(.isZero)
            return .condition
        case .negative(let inner):
            guard try add(inner) != .condition else { throw Self.needsNumber("-") }
            operations.append(.negative)
            return .signed
        case .binary(let operation, let left, let right): return try add(operation, left, right)
        case .call(let function, let arguments): return try add(function, arguments)
        }
    }

    private mutating func add(
        _ operation: FilterExpression.Operation,
        _ left: FilterExpression,
        _ right: FilterExpression
    ) throws(FilterValueError) -> Kind {
        // What is not below and not above is done by turning both round.
        let isTurned = operation == .greater || operation == .atMost
        let first = try add(isTurned ? right : left)
        let second = try add(isTurned ? left : right)
        let name = operation.rawValue
        switch operation {
        case .and, .or:
            guard first == .condition, second == .condition else { throw Self.needsCondition(name) }
            operations.append(operation == .and ? .and : .or)
            return .condition
        case .equal, .notEqual:
            if first != .condition || second != .condition { _ = try Self.joined(first, second, name) }
            operations.append(.equal)
            if operation == .notEqual { operations.append(.isZero) }
            return .condition
        case .less, .greater, .atMost, .atLeast:
            operations.append(try Self.joined(first, second, name) == .signed ? .lessSigned : .less)
            if operation == .atMost || operation == .atLeast { operations.append(.isZero) }
            return .condition
        case .plus:
            operations.append(.add)
            return try Self.joined(first, second, name)
        case .minus:
            operations.append(.subtract)
            // What is left can be below zero.
            let kind = try Self.joined(first, second, name)
            return kind == .plain ? .signed : kind
        }
    }

    private mutating func add(_ function: FilterExpression.Function, _ arguments: [FilterExpression])
        throws(FilterValueError) -> Kind
    {
        var kinds: [Kind] = []
        for argument in arguments { kinds.append(try add(argument)) }
        let name = "\(function.rawValue)()"
        guard let first = kinds.first, !kinds.contains(.condition) else { throw Self.needsNumber(name) }
        switch function {
        case .int32:
            operations.append(.int32)
            return .signed
        case .uint32:
            operations.append(.uint32)
            return .plain
        case .not:
            operations.append(.complement)
            return first == .plain ? .signed : first
        case .and: operations.append(.and)
        case .or: operations.append(.or)
        case .xor: operations.append(.xor)
        }
        return try Self.joined(first, kinds[1], name)
    }

    private static func joined(_ left: Kind, _ right: Kind, _ name: String) throws(FilterValueError) -> Kind {
        switch (left, right) {
        case (.condition, _), (_, .condition): throw needsNumber(name)
        case (.plain, let kind), (let kind, .plain): return kind
        case (.signed, .signed): return .signed
        case (.unsigned, .unsigned): return .unsigned
        case (.signed, .unsigned), (.unsigned, .signed):
            throw FilterValueError(
                "has '\(name)' of a number with a sign and one of 64 bits without: use int32() or uint32()"
            )
        }
    }

    private static func needsCondition(_ name: String) -> FilterValueError {
        FilterValueError("has '\(name)' of a number: it takes conditions, such as arg0 != 0")
    }

    private static func needsNumber(_ name: String) -> FilterValueError {
        FilterValueError("has '\(name)' of a condition: it takes numbers")
    }
}
