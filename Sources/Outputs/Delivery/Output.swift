import Model

/// A place that events go to, with all that lies before it: takes batches at once, whatever becomes of them.
package protocol Output: AnyObject, Sendable {
    /// Hands a finished batch over.
    func offer(_ batch: EventBatch)
    /// Has the sink open its file again, as soon as it is between two batches.
    func reopen()
    /// Has it end when it has written what waits; `close` then waits for it.
    func beginClosing(within seconds: Double)
    /// Writes what waits, for at most `seconds` (nil: as long as it takes).
    func close(within seconds: Double?)

    /// All that there is to know of it, of one moment.
    var status: OutputStatus { get }
    /// True when whoever read the sink's output has gone.
    var isReaderGone: Bool { get }
    /// Set when it failed as often as it may: the agent is to end.
    var exhaustion: SinkFailure? { get }
}

extension Output {
    /// What became of the events so far; those that wait in memory are in none of the counts.
    package var counts: OutputCounts { status.counts }
}

/// An output at one moment.
package struct OutputStatus: Sendable {
    /// Of this run's events.
    package var counts = OutputCounts()
    /// Of those that earlier runs left in the spool.
    package var earlier = OutputCounts()
    package var queue = QueueUse()
    /// Nil: it has none.
    package var spool: SpoolUse?
    /// From the kernel's hook to the end of the write, for each of this run's events that was written and that a hook told.
    package var latency = LatencyHistogram()
    /// Why it does not write now; nil: it does.
    package var problem: String?

    package init() {}
}

/// What waits in memory for a sink, and what may.
package struct QueueUse: Sendable, Equatable {
    package var events = 0
    package var eventLimit = 0
    package var bytes = 0
    package var byteLimit = 0

    package init() {}
}

/// What waits in a spool, and what may.
package struct SpoolUse: Sendable, Equatable {
    package var events = 0
    /// Of files, with what in them is delivered already.
    package var bytes = 0
    package var byteLimit = 0
    /// Why nothing is written to disk; nil: it is.
    package var problem: String?

    package init() {}
}
