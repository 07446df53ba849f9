/// Which of many ranges a number is in: a tree that lies in one array (each node's children are those of a binary search).
package struct RangeIndex: Sendable {
    private struct Entry: Sendable {
        let range: ClosedRange<Int64>
        let posting: Int32
        /// The largest end below this node.
        var largest: Int64
    }

    private var entries: [Entry]

    /// - Parameter ranges: each with what is found.
    package init(_ ranges: [(range: ClosedRange<Int64>, posting: Int32)]) {
        entries = ranges.sorted { $0.range.lowerBound < $1.range.lowerBound }
            .map { Entry(range: $0.range, posting: $0.posting, largest: $0.range.upperBound) }
        _ = setLargest(0..<entries.count)
    }

    var isEmpty: Bool { entries.isEmpty }

    private mutating func setLargest(_ span: Range<Int>) -> Int64 {
        guard !span.isEmpty else { return .min }
        let middle = (span.lowerBound + span.upperBound) / 2
        let left = setLargest(span.lowerBound..<middle)
        let right = setLargest(middle + 1..<span.upperBound)
        entries[middle].largest = max(entries[middle].range.upperBound, left, right)
        return entries[middle].largest
    }

    /// Calls `body` for each range that holds `number`. Costs the logarithm of how many there are, and what is found.
    package func find(_ number: Int64, _ body: (Int32) -> Void) { find(number, 0..<entries.count, body) }

    private func find(_ number: Int64, _ span: Range<Int>, _ body: (Int32) -> Void) {
        guard !span.isEmpty else { return }
        let middle = (span.lowerBound + span.upperBound) / 2
        let entry = entries[middle]
        guard number <= entry.largest else { return }
        find(number, span.lowerBound..<middle, body)
        guard number >= entry.range.lowerBound else { return }
        if number <= entry.range.upperBound { body(entry.posting) }
        find(number, middle + 1..<span.upperBound, body)
    }
}
