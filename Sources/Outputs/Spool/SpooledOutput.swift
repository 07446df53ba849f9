import Logging
import Model

/// A sink with a spool before it: events are on disk until the sink has confirmed them.
package final class SpooledOutput: Output, @unchecked Sendable {
    /// What puts batches into the spool.
    private final class Inlet: Sink {
        let spool: Spool

        init(_ spool: Spool) { self.spool = spool }

        var wantsTicks: Bool { true }

        func write(_ batch: EventBatch, isUrgent: () -> Bool) -> SinkResult {
            do {
                try spool.append(batch)
                return .written
            } catch {
                return .failed(after: 0, error)
            }
        }

        func reopen() {}

        func tick() { spool.tick() }

        func finish(isUrgent: () -> Bool) { spool.endAppending() }
    }

    private let spool: Spool
    private let runner: SinkRunner
    private let drain: SpoolDrain

    /// Starts the threads.
    ///
    /// - Parameter capacity: how many events may wait for the spool.
    package init(
        _ spool: Spool,
        _ sink: any PositionedSink,
        capacity: Int = 1 << 17,
        waits: Bool = false,
        retries: RetryPolicy,
        logger: Logger
    ) {
        self.spool = spool
        runner = SinkRunner(
            Inlet(spool),
            name: "\(spool.name): spool",
            capacity: capacity,
            waits: waits,
            retries: RetryPolicy(),
            logger: logger
        )
        drain = SpoolDrain(spool, sink, retries: retries, logger: logger)
    }

    package func offer(_ batch: EventBatch) {
        let events = batch.counts(0..<batch.events.count)
        // Noted before: what is in memory when the process is killed is known by this.
        spool.state.offer(events)
        guard !runner.take(batch) else { return }
        var refused = events
        refused[.loss] = 0
        spool.state.refuse(refused)
    }

    package func reopen() { drain.reopen() }

    package func beginClosing(within seconds: Double) {
        runner.beginClosing(within: seconds)
        drain.beginClosing(within: seconds)
    }

    /// First all goes into the spool, then as much as there is time for to the sink; the rest waits for the next start.
    package func close(within seconds: Double?) {
        let begun = MonotonicClock.now()
        runner.close(within: seconds)
        let spent = Double(MonotonicClock.now() - begun) / 1e9
        drain.beginClosing(within: seconds.map { max(0, $0 - spent) })
        // One that hangs in its sink may still come back to it.
        if drain.awaitEnd(), runner.hasEnded { spool.close(isFailing: drain.status.problem != nil) }
    }

    package var status: OutputStatus {
        var status = runner.status
        let (drained, lost) = (drain.status, spool.lost)
        // What the runner has delivered is in the spool.
        let appended = status.counts.delivered
        status.counts.delivered = KindCounts()
        status.counts += drained.own
        status.counts += lost.own
        let gone = lost.own.forcedOut + lost.own.damaged + lost.own.failed + lost.own.queueFull
        status.counts.waiting = appended - drained.own.delivered - drained.own.failed - gone
        status.earlier = drained.earlier
        status.earlier += lost.earlier
        status.latency = drained.latency
        status.spool = spool.use
        status.problem = drained.problem?.description ?? status.problem
        return status
    }

    package var isReaderGone: Bool { false }

    package var exhaustion: SinkFailure? { drain.exhaustion }
}
