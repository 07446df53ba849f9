import FilterReference
import Filters
import Policies
import Testing

/// Expressions of filters, compiled to operations.
@Suite struct ExpressionTests {
    /// What operations give, on a stack of their own.
    private func value(_ expression: NumberExpression, _ values: [UInt64]) -> UInt64 {
        var stack: [UInt64] = []
        func two(_ body: (UInt64, UInt64) -> UInt64) {
            let right = stack.removeLast()
            stack.append(body(stack.removeLast(), right))
        }
        for operation in expression.operations {
            switch operation {
            case .number(let number): stack.append(number)
            case .value(let reading): stack.append(values[reading])
            case .isZero: stack.append(stack.removeLast() == 0 ? 1 : 0)
            case .negative: stack.append(0 &- stack.removeLast())
            case .complement: stack.append(~stack.removeLast())
            case .int32: stack.append(UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: stack.removeLast()))))
            case .uint32: stack.append(UInt64(UInt32(truncatingIfNeeded: stack.removeLast())))
            case .add: two(&+)
            case .subtract: two(&-)
            case .and: two(&)
            case .or: two(|)
            case .xor: two(^)
            case .equal: two { $0 == $1 ? 1 : 0 }
            case .less: two { $0 < $1 ? 1 : 0 }
            case .lessSigned: two { Int64(bitPattern: $0) < Int64(bitPattern: $1) ? 1 : 0 }
            }
        }
        return stack[0]
    }

    private func compile(_ text: String, _ kind: ExpressionCompiler.Kind = .signed) throws -> NumberExpression {
        try ExpressionCompiler.compile(try FilterExpression(text), kind: { _ in kind }, reading: { $0 })
    }

    private func problem(_ text: String, _ kind: ExpressionCompiler.Kind = .signed) -> String? {
        do { _ = try compile(text, kind) } catch { return (error as? FilterValueError)?.what ?? "\(error)" }
        return nil
    }

    /// What the expression means, by its tree: signed numbers of 64 bits.
    private func meaning(_ expression: FilterExpression, _ values: [Int64]) -> Int64 {
        switch expression {
        case .number(let number): return Int64(truncatingIfNeeded: number)
        case .boolean(let isTrue): return isTrue ? 1 : 0
        case .argument(let position): return values[position]
        case .not(let inner): return meaning(inner, values) == 0 ? 1 : 0
        case .negative(let inner): return 0 &- meaning(inner, values)
        case .binary(let operation, let left, let right):
            let (left, right) = (meaning(left, values), meaning(right, values))
            func bit(_ isTrue: Bool) -> Int64 { isTrue ? 1 : 0 }
            switch operation {
            case .or: return bit(left != 0 || right != 0)
            case .and: return bit(left != 0 && right != 0)
            case .equal: return bit(left == right)
            case .notEqual: return bit(left != right)
            case .atMost: return bit(left <= right)
            case .atLeast: return bit(left >= right)
            case .less: return bit(left < right)
            case .greater: return bit(left > right)
            case .plus: return left &+ right
            case .minus: return left &- right
            }
        case .call(let function, let arguments):
            let values = arguments.map { meaning($0, values) }
            switch function {
            case .int32: return Int64(Int32(truncatingIfNeeded: values[0]))
            case .uint32: return Int64(UInt32(truncatingIfNeeded: values[0]))
            case .and: return values[0] & values[1]
            case .or: return values[0] | values[1]
            case .xor: return values[0] ^ values[1]
            case .not: return ~values[0]
            }
        }
    }

    private func randomNumber(_ depth: Int, _ random: inout SeededRandom) -> FilterExpression {
        guard depth > 0 else {
            return Bool.random(using: &random)
                ? .argument(Int.random(in: 0..<3, using: &random)) : .number(Int128.random(in: 0...5, using: &random))
        }
        func inner(_ random: inout SeededRandom) -> FilterExpression { randomNumber(depth - 1, &random) }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return .negative(inner(&random))
        case 1: return .binary(.plus, inner(&random), inner(&random))
        case 2: return .binary(.minus, inner(&random), inner(&random))
        case 3:
            let function = [FilterExpression.Function.int32, .uint32, .not].randomElement(using: &random) ?? .not
            return .call(function, [inner(&random)])
        default:
            let function = [FilterExpression.Function.and, .or, .xor].randomElement(using: &random) ?? .or
            return .call(function, [inner(&random), inner(&random)])
        }
    }

    private func randomCondition(_ depth: Int, _ random: inout SeededRandom) -> FilterExpression {
        let comparisons: [FilterExpression.Operation] = [.equal, .notEqual, .atMost, .atLeast, .less, .greater]
        guard depth > 0, Int.random(in: 0..<3, using: &random) > 0 else {
            let operation = comparisons.randomElement(using: &random) ?? .equal
            return .binary(operation, randomNumber(depth, &random), randomNumber(depth, &random))
        }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return .not(randomCondition(depth - 1, &random))
        case 1: return .binary(.and, randomCondition(depth - 1, &random), randomCondition(depth - 1, &random))
        default: return .binary(.or, randomCondition(depth - 1, &random), randomCondition(depth - 1, &random))
        }
    }

    @Test func `Compiled expressions mean what their trees say, on two thousand made at random`() throws {
        var random = SeededRandom(seed: 7919)
        var (compiled, held) = (0, 0)
        for _ in 0..<2003 {
            let tree = randomCondition(2, &random)
            guard
                let expression = try? ExpressionCompiler.compile(tree, kind: { _ in .signed }, reading: { $0 })
            else { continue }
            compiled += 1
            for _ in 0..<7 {
                let values = (0..<3).map { _ in
                    [Int64.min, -3, -1, 0, 1, 2, 4, 1 << 33, .max].randomElement(using: &random) ?? 0
                }
                let found = value(expression, values.map { UInt64(bitPattern: $0) })
                #expect(found == UInt64(bitPattern: meaning(tree, values)), "\(tree) of \(values)")
                held += Int(found)
            }
        }
        #expect(compiled > 1900 && held > 4000 && held < 10_000)
    }

    @Test func `Numbers of 64 bits without a sign are compared without one`() throws {
        let expression = try compile("arg0 > 0x7fffffffffffffff", .unsigned)
        #expect(value(expression, [.max]) == 1)
        #expect(value(expression, [1]) == 0)
        #expect(value(try compile("arg0 > 1"), [.max]) == 0)
    }

    @Test func `What cannot be computed is refused, with what to write instead`() {
        #expect(problem("arg0 + 1") == "is a number, and no condition: compare it, such as (…) != 0")
        #expect(problem("arg0 && arg1 == 1") == "has '&&' of a number: it takes conditions, such as arg0 != 0")
        #expect(problem("!arg0") == "has '!' of a number: it takes conditions, such as arg0 != 0")
        #expect(problem("(arg0 == 1) + 1 == 2") == "has '+' of a condition: it takes numbers")
        #expect(problem("and(arg0 == 1, 2) == 2") == "has 'and()' of a condition: it takes numbers")
        #expect(
            problem("arg0 == 0xffffffffffffffff")
                == "has '==' of a number with a sign and one of 64 bits without: use int32() or uint32()"
        )
        #expect(problem("arg0 == 0xffffffffffffffff", .unsigned) == nil)
        let long = (0..<40).map { "arg0 == \($0)" }.joined(separator: " || ")
        #expect(problem(long) == "takes 159 operations, and may take 63")
        let deep = String(repeating: "1 + (", count: 20) + "arg0" + String(repeating: ")", count: 20) + " == 1"
        #expect(problem(deep) == "has 21 numbers waiting for others, and may have 16: use fewer brackets")
    }
}
