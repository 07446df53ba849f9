import API
import Model
import Testing

/// What waits for a client, without the client.
@Suite struct FeedQueueTests {
    private func counts(_ opens: UInt64) -> KindCounts {
        var counts = KindCounts()
        counts[.open] = opens
        return counts
    }

    private func append(_ text: String, _ queue: inout FeedQueue) {
        Array(text.utf8).withUnsafeBytes { queue.append($0, counts(1)) }
    }

    /// What it gives out: lines as text, gaps as numbers.
    private func all(_ queue: inout FeedQueue) -> [String] {
        var list: [String] = []
        while let piece = queue.take() {
            switch piece {
            case .lines(let bytes, _): list.append(String(decoding: bytes, as: UTF8.self))
            case .dropped(let counts): list.append("\(counts.total) missing")
            }
        }
        return list
    }

    @Test func smallPiecesThatWaitBecomeOne() {
        var queue = FeedQueue()
        for number in 0..<5 { append("\(number)\n", &queue) }
        #expect(queue.events == 5 && queue.bytes == 10)
        #expect(all(&queue) == ["0\n1\n2\n3\n4\n"])
        #expect(queue.sent.total == 5 && queue.events == 0 && queue.bytes == 0)
    }

    @Test func aPieceDoesNotBecomeLargerThanAMessageShouldBe() {
        var queue = FeedQueue()
        let line = String(repeating: "x", count: 50_000) + "\n"
        for _ in 0..<5 { append(line, &queue) }
        #expect(all(&queue).map(\.utf8.count) == [100_002, 100_002, 50_001])
    }

    @Test func aGapIsToldBetweenWhatCameBeforeAndAfter() {
        var queue = FeedQueue()
        append("a\n", &queue)
        queue.drop(counts(3))
        queue.drop(counts(4))
        append("b\n", &queue)
        append("c\n", &queue)
        #expect(all(&queue) == ["a\n", "7 missing", "b\nc\n"])
        #expect(queue.dropped.total == 7 && queue.sent.total == 3)
    }

    @Test func aGapAtTheEndIsToldWhenNothingElseWaits() {
        var queue = FeedQueue()
        append("a\n", &queue)
        queue.drop(counts(3))
        #expect(all(&queue) == ["a\n", "3 missing"])
        #expect(queue.take() == nil)
    }

    @Test func manyPiecesAreGivenOutInOrder() {
        var queue = FeedQueue()
        let lines = (0..<5003).map { "\($0)" + String(repeating: "x", count: 70_000) + "\n" }
        for line in lines[..<3001] { append(line, &queue) }
        var taken: [String] = []
        for _ in 0..<1500 {
            if case .lines(let bytes, _) = queue.take() { taken.append(String(decoding: bytes, as: UTF8.self)) }
        }
        for line in lines[3001...] { append(line, &queue) }
        #expect(taken + all(&queue) == lines)
    }

    @Test func slowClientsShareTheirMemoryAndTakeNothingFromOthers() {
        let budget = FeedBudget()
        #expect(budget.allows(FeedBudget.limitOfOne, beside: 0))
        #expect(!budget.allows(1, beside: FeedBudget.limitOfOne))
        budget.add(FeedBudget.limit)
        #expect(!budget.allows(FeedBudget.least, beside: 1))
        #expect(budget.allows(FeedBudget.least, beside: 0))
        budget.remove(FeedBudget.limit)
        #expect(budget.allows(FeedBudget.least, beside: 1))
    }
}
