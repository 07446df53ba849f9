/// A regular expression over bytes, found anywhere in a text unless it says `^` or `$`.
///
/// Takes time by the length of the text times that of the expression at most, whatever both are: texts come from whoever is
/// watched, and an engine that tries and goes back may take for ever. So there is nothing that cannot be had so: no look-around
/// and no back-references. `.` matches any byte, a newline too, which could hide what stands behind it otherwise.
package struct RegularExpression: Sendable {
    /// One step; those that take no byte lead on at once.
    enum Step: Sendable {
        /// A byte of this set: a bit for each.
        case set(SIMD4<UInt64>)
        case split(Int, Int)
        case jump(Int)
        case begin, end
        case wordBoundary(Bool)
        case match
    }

    /// As it was written.
    package let text: String
    /// Bytes that stand in everything it matches, one behind the other; empty: none are known.
    package let literal: [UInt8]
    private let steps: [Step]

    /// - Throws: what is wrong with it.
    package init(_ text: String) throws(RegularExpressionError) {
        var parser = RegularExpressionParser(text)
        let node = try parser.parse()
        var compiler = RegularExpressionCompiler()
        try compiler.compile(node)
        steps = compiler.steps + [.match]
        literal = node.literal
        self.text = text
    }

    /// Whether it is found in `text`. Allocates nothing while the expression is short.
    package func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        let count = steps.count
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 5 * count) { area in
            var current = StepSet(area, at: 0, count: count)
            var next = StepSet(area, at: 2 * count, count: count)
            let stack = UnsafeMutableBufferPointer(rebasing: area[(4 * count)...])
            for index in 0...text.count {
                if add(0, to: &current, text, index, stack) { return true }
                guard index < text.count else { return false }
                let byte = text[index]
                next.clear()
                for position in 0..<current.count {
                    let step = Int(current[position])
                    guard case .set(let bits) = steps[step], bits[Int(byte >> 6)] & 1 << UInt64(byte & 63) != 0 else {
                        continue
                    }
                    if add(step + 1, to: &next, text, index + 1, stack) { return true }
                }
                swap(&current, &next)
            }
            return false
        }
    }

    /// Adds a step and all that it leads to without a byte; true when that is the end.
    private func add(
        _ step: Int,
        to set: inout StepSet,
        _ text: UnsafeRawBufferPointer,
        _ index: Int,
        _ stack: UnsafeMutableBufferPointer<Int32>
    ) -> Bool {
        var depth = 0
        func push(_ step: Int) {
            guard set.insert(step) else { return }
            stack[depth] = Int32(step)
            depth += 1
        }
        push(step)
        while depth > 0 {
            depth -= 1
            let step = Int(stack[depth])
            switch steps[step] {
            case .set: break
            case .match: return true
            case .jump(let to): push(to)
            case .split(let first, let second):
                push(second)
                push(first)
            case .begin: if index == 0 { push(step + 1) }
            case .end: if index == text.count { push(step + 1) }
            case .wordBoundary(let isWanted):
                let before = index > 0 && Self.isWord(text[index - 1])
                let after = index < text.count && Self.isWord(text[index])
                if (before != after) == isWanted { push(step + 1) }
            }
        }
        return false
    }

    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// A set of numbers that is cleared at no cost (Briggs and Torczon, 1993).
private struct StepSet {
    private let dense: UnsafeMutablePointer<Int32>
    private let sparse: UnsafeMutablePointer<Int32>
    private(set) var count = 0

    init(_ area: UnsafeMutableBufferPointer<Int32>, at offset: Int, count: Int) {
        dense = area.baseAddress.unsafelyUnwrapped + offset
        sparse = dense + count
        sparse.initialize(repeating: 0, count: count)
    }

    subscript(position: Int) -> Int32 { dense[position] }

    mutating func clear() { count = 0 }

    /// False: it is in already.
    mutating func insert(_ number: Int) -> Bool {
        let place = Int(sparse[number])
        guard place >= count || dense[place] != Int32(number) else { return false }
        dense[count] = Int32(number)
        sparse[number] = Int32(count)
        count += 1
        return true
    }
}

/// Why a text is no regular expression.
package struct RegularExpressionError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
