import Model

/// The events of batches that follow each other, from a position on.
struct SpooledSpan {
    private let batches: [SpooledBatch]
    /// Which batch the position is in.
    private var index = 0
    /// Where the first of the events is.
    private(set) var position: SpoolPosition

    init(_ batches: [SpooledBatch], from position: SpoolPosition) {
        self.batches = batches
        self.position = position
        advance(to: position)
    }

    /// Nothing follows, not even a batch without events.
    var isEmpty: Bool { index == batches.count }

    /// How many events there are.
    var count: Int {
        batches[index...].reduce(0) { $0 + $1.batch.events.count } - first(index)
    }

    /// Leaves out what lies before a position.
    mutating func advance(to position: SpoolPosition) {
        self.position = max(self.position, position)
        while index < batches.count {
            let batch = batches[index]
            // A position behind a frame's last event is that of the next frame.
            let isDone = batch.frame == self.position.frame && self.position.events >= max(1, batch.batch.events.count)
            guard isDone || Self.end(batch) <= self.position else { break }
            self.position = max(self.position, Self.end(batch))
            index += 1
        }
        guard index < batches.count else { return }
        self.position = max(self.position, SpoolPosition(frame: batches[index].frame, events: 0))
    }

    /// The position behind the first `count` events; behind empty batches, too, when these are all.
    func position(after count: Int) -> SpoolPosition {
        var rest = count
        for place in index..<batches.count {
            let here = batches[place].batch.events.count - first(place)
            if rest < here { return SpoolPosition(frame: batches[place].frame, events: first(place) + rest) }
            rest -= here
        }
        return batches.last.map(Self.end) ?? position
    }

    /// Calls `body` with the batches of the first `count` events, and which of theirs these are.
    func forEach<Failure: Error>(
        first count: Int,
        _ body: (SpooledBatch, Range<Int>) throws(Failure) -> Void
    ) throws(Failure) {
        var rest = count
        for place in index..<batches.count where rest > 0 {
            let begin = first(place)
            let end = min(begin + rest, batches[place].batch.events.count)
            if begin < end { try body(batches[place], begin..<end) }
            rest -= end - begin
        }
    }

    /// Which of a batch's events is the first.
    private func first(_ place: Int) -> Int {
        guard place < batches.count, batches[place].frame == position.frame else { return 0 }
        return min(position.events, batches[place].batch.events.count)
    }

    private static func end(_ batch: SpooledBatch) -> SpoolPosition { SpoolPosition(frame: batch.frame + 1, events: 0) }
}
