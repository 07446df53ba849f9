import Model

/// What a spool lost by itself: for the books, and for the stream, which has to tell it.
struct SpoolLosses {
    /// Of this run's events.
    private(set) var own = OutputCounts()
    /// Of those that earlier runs left.
    private(set) var earlier = OutputCounts()
    /// Lost, and in no loss event that the sink has or will get, as far as is known.
    private(set) var untold: [DropReason: KindCounts] = [:]
    /// Told in a frame that the sink does not have yet.
    private var told: [(frame: UInt64, losses: [DropReason: KindCounts])] = []

    init() {}

    /// Counts a loss; `reason` is one of a spool's own.
    mutating func add(_ counts: KindCounts, _ reason: DropReason, isOwn: Bool) {
        if isOwn { own.add(counts, reason) } else { earlier.add(counts, reason) }
        // What tells losses is no loss to be told.
        var counts = counts
        counts[.loss] = 0
        if counts.total > 0 { untold[reason, default: KindCounts()] += counts }
    }

    /// Counts what is lost when the agent ends, and nobody is left to tell it to.
    mutating func addAtEnd(_ counts: KindCounts, _ reason: DropReason) { own.add(counts, reason) }

    /// All is told in this frame.
    mutating func tell(in frame: UInt64) {
        told.append((frame, untold))
        untold = [:]
    }

    /// What was told last was not.
    mutating func untell() {
        guard let last = told.popLast() else { return }
        for (reason, counts) in last.losses { untold[reason, default: KindCounts()] += counts }
    }

    /// The frames before this one are with the sink.
    mutating func acknowledge(before frame: UInt64) {
        while let first = told.first, first.frame < frame { told.removeFirst() }
    }

    /// The frames before this one are gone: what was told in them is to be told again.
    mutating func lose(before frame: UInt64) {
        while let first = told.first, first.frame < frame {
            for (reason, counts) in first.losses { untold[reason, default: KindCounts()] += counts }
            told.removeFirst()
        }
    }
}
