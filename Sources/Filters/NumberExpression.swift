import CWire

/// A number that is computed of several readings, in the order in which a stack takes it.
package struct NumberExpression: Hashable, Sendable {
    /// One step.
    package enum Operation: Hashable, Sendable {
        case number(UInt64)
        /// What a reading gave, by its position among the hook's readings.
        case value(Int)
        case isZero, negative, complement, int32, uint32
        case add, subtract, and, or, xor, equal, less, lessSigned
    }

    /// Why an expression cannot be computed.
    package enum Problem: Error, Equatable, CustomStringConvertible {
        case length(Int)
        case depth(Int)

        package var description: String {
            switch self {
            case .length(let count): "takes \(count) operations, and may take \(MT_EXPRESSION_MAX - 1)"
            case .depth(let count):
                "has \(count) numbers waiting for others, and may have \(MT_EXPRESSION_DEPTH): use fewer brackets"
            }
        }
    }

    package let operations: [Operation]

    /// - Parameter operations: each finds what it takes on the stack; one number is left.
    package init(_ operations: [Operation]) throws(Problem) {
        guard operations.count < MT_EXPRESSION_MAX else { throw .length(operations.count) }
        var (depth, deepest) = (0, 0)
        for operation in operations {
            depth += operation.growth
            deepest = max(deepest, depth)
        }
        guard deepest <= MT_EXPRESSION_DEPTH else { throw .depth(deepest) }
        precondition(depth == 1, "an expression leaves one number")
        self.operations = operations
    }

    private init(unchecked operations: [Operation]) { self.operations = operations }

    /// The readings that it is of.
    package var readings: [Int] {
        operations.compactMap { if case .value(let reading) = $0 { reading } else { nil } }
    }

    /// The same, of readings by their slots.
    func moved(to slots: [Int]) -> NumberExpression {
        NumberExpression(
            unchecked: operations.map { if case .value(let reading) = $0 { .value(slots[reading]) } else { $0 } }
        )
    }
}

extension NumberExpression.Operation {
    /// By how much the stack is higher after it.
    fileprivate var growth: Int {
        switch self {
        case .number, .value: 1
        case .isZero, .negative, .complement, .int32, .uint32: 0
        case .add, .subtract, .and, .or, .xor, .equal, .less, .lessSigned: -1
        }
    }

    fileprivate var wire: mt_operation {
        func of(_ code: mt_operator, _ operand: UInt64 = 0) -> mt_operation {
            mt_operation(code: UInt64(code.rawValue), operand: operand)
        }
        return switch self {
        case .number(let number): of(MT_OPERATOR_NUMBER, number)
        case .value(let slot): of(MT_OPERATOR_VALUE, UInt64(slot))
        case .isZero: of(MT_OPERATOR_IS_ZERO)
        case .negative: of(MT_OPERATOR_NEGATIVE)
        case .complement: of(MT_OPERATOR_COMPLEMENT)
        case .int32: of(MT_OPERATOR_INT32)
        case .uint32: of(MT_OPERATOR_UINT32)
        case .add: of(MT_OPERATOR_ADD)
        case .subtract: of(MT_OPERATOR_SUBTRACT)
        case .and: of(MT_OPERATOR_AND)
        case .or: of(MT_OPERATOR_OR)
        case .xor: of(MT_OPERATOR_XOR)
        case .equal: of(MT_OPERATOR_EQUAL)
        case .less: of(MT_OPERATOR_LESS)
        case .lessSigned: of(MT_OPERATOR_LESS_SIGNED)
        }
    }
}

/// The expressions of one hook, one behind another, each once.
struct OperationList {
    private(set) var operations: [mt_operation] = []
    private var places: [NumberExpression: Int] = [:]

    /// Where an expression begins, of values by their slots.
    mutating func place(of expression: NumberExpression) -> Int {
        if let place = places[expression] { return place }
        let place = operations.count
        places[expression] = place
        operations += expression.operations.map(\.wire) + [mt_operation()]
        return place
    }

    /// The slots that the first expression is of.
    static func slots(_ operations: ArraySlice<mt_operation>) -> [Int] {
        operations.prefix { $0.code != UInt64(MT_OPERATOR_END.rawValue) }
            .filter { $0.code == UInt64(MT_OPERATOR_VALUE.rawValue) }.map { Int($0.operand) }
    }
}
