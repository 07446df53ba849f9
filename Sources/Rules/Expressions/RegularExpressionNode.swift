/// What a regular expression says, before it is steps.
indirect enum RegularExpressionNode {
    case set(SIMD4<UInt64>)
    case sequence([RegularExpressionNode])
    case choice([RegularExpressionNode])
    case repetition(RegularExpressionNode, ClosedRange<Int>, isOpen: Bool)
    case begin, end
    case wordBoundary(Bool)

    /// The longest run of bytes that stands in everything that is matched.
    var literal: [UInt8] {
        switch self {
        case .set(let bits): Self.single(bits).map { [$0] } ?? []
        case .sequence(let nodes): Self.literal(nodes)
        case .repetition(let node, let range, _): range.lowerBound > 0 ? node.literal : []
        case .choice(let nodes): nodes.count == 1 ? nodes[0].literal : []
        case .begin, .end, .wordBoundary: []
        }
    }

    private static func literal(_ nodes: [RegularExpressionNode]) -> [UInt8] {
        var best: [UInt8] = []
        var run: [UInt8] = []
        func close() {
            if run.count > best.count { best = run }
            run = []
        }
        for node in nodes {
            switch node {
            case .set(let bits) where single(bits) != nil: run += single(bits).map { [$0] } ?? []
            // They take no byte, and so part no run.
            case .begin, .end, .wordBoundary: break
            default:
                close()
                let inner = node.literal
                if inner.count > best.count { best = inner }
            }
        }
        close()
        return best
    }

    private static func single(_ bits: SIMD4<UInt64>) -> UInt8? {
        var found: UInt8?
        for word in 0..<4 where bits[word] != 0 {
            guard found == nil, bits[word].nonzeroBitCount == 1 else { return nil }
            found = UInt8(word * 64 + bits[word].trailingZeroBitCount)
        }
        return found
    }
}

/// Turns what an expression says into steps.
struct RegularExpressionCompiler {
    private(set) var steps: [RegularExpression.Step] = []

    static let mostSteps = 2000
    /// Repetitions of nothing add no steps.
    private var rounds = 0

    mutating func compile(_ node: RegularExpressionNode) throws(RegularExpressionError) {
        rounds += 1
        guard steps.count < Self.mostSteps, rounds < 8 * Self.mostSteps else {
            throw RegularExpressionError("is too large: more than \(Self.mostSteps) steps with all its repetitions")
        }
        switch node {
        case .set(let bits): steps.append(.set(bits))
        case .begin: steps.append(.begin)
        case .end: steps.append(.end)
        case .wordBoundary(let isWanted): steps.append(.wordBoundary(isWanted))
        case .sequence(let nodes): for node in nodes { try compile(node) }
        case .choice(let nodes): try choice(nodes)
        case .repetition(let node, let range, let isOpen): try repetition(node, range, isOpen)
        }
    }

    private mutating func choice(_ nodes: [RegularExpressionNode]) throws(RegularExpressionError) {
        var jumps: [Int] = []
        for node in nodes.dropLast() {
            let split = steps.count
            steps.append(.match)
            try compile(node)
            jumps.append(steps.count)
            steps.append(.match)
            steps[split] = .split(split + 1, steps.count)
        }
        if let last = nodes.last { try compile(last) }
        for jump in jumps { steps[jump] = .jump(steps.count) }
    }

    private mutating func repetition(
        _ node: RegularExpressionNode,
        _ range: ClosedRange<Int>,
        _ isOpen: Bool
    ) throws(RegularExpressionError) {
        for _ in 0..<range.lowerBound { try compile(node) }
        if isOpen {
            let split = steps.count
            steps.append(.match)
            try compile(node)
            steps.append(.jump(split))
            steps[split] = .split(split + 1, steps.count)
            return
        }
        var splits: [Int] = []
        for _ in range.lowerBound..<range.upperBound {
            splits.append(steps.count)
            steps.append(.match)
            try compile(node)
        }
        for split in splits { steps[split] = .split(split + 1, steps.count) }
    }
}
