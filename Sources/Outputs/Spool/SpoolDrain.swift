import Logging
import Model

/// Takes batches from a spool and brings them to a sink, on a thread of its own, until the sink has confirmed them.
final class SpoolDrain: @unchecked Sendable {
    private let spool: Spool
    private let sink: any PositionedSink
    private let retries: RetryPolicy
    private let logger: Logger

    // Guarded by the monitor.
    private let monitor = Monitor()
    private var own = OutputCounts()
    private var earlier = OutputCounts()
    private var latency = LatencyHistogram()
    private var problem: SinkFailure?
    /// Since when the sink is at it.
    private var busySince: UInt64?
    private var exhausted = false
    private var closing = false
    private var ended = false
    private var deadline: UInt64 = .max
    private var wantsReopen = false

    /// So many events go to the sink at once, when there are as many.
    private static let most = 16384
    /// Seconds after which a sink should have answered.
    private static let patience: UInt64 = 30
    /// How long few events wait for more, ns.
    private static let linger: UInt64 = 100_000_000

    init(_ spool: Spool, _ sink: any PositionedSink, retries: RetryPolicy, logger: Logger) {
        self.spool = spool
        self.sink = sink
        self.retries = retries
        self.logger = logger
        if let error = Monitor.startThread({ self.run() }) {
            ended = true
            logger.error("\(spool.name): no thread for it: \(error)")
        }
    }

    struct Status {
        var own: OutputCounts
        var earlier: OutputCounts
        var latency: LatencyHistogram
        var problem: SinkFailure?
    }

    var status: Status {
        monitor.locked {
            Status(own: own, earlier: earlier, latency: latency, problem: problem ?? silence)
        }
    }

    /// Set when the sink failed as often as it may. Asked by the reader all the time: so apart from the rest.
    var exhaustion: SinkFailure? { monitor.locked { exhausted ? problem : nil } }

    /// A sink that does not answer is no better than one that fails. While locked.
    private var silence: SinkFailure? {
        guard let busySince else { return nil }
        let seconds = (MonotonicClock.now() - busySince) / 1_000_000_000
        return seconds < Self.patience ? nil : SinkFailure("\(spool.name): no answer for \(seconds) s")
    }

    func reopen() {
        monitor.locked {
            wantsReopen = true
            monitor.signal()
        }
    }

    /// Has it end when all is delivered, or the time is over.
    func beginClosing(within seconds: Double?) {
        monitor.locked {
            closing = true
            if let seconds { deadline = MonotonicClock.now() + MonotonicClock.nanoseconds(seconds) }
            monitor.signal()
        }
        spool.wake()
    }

    /// Waits for the end; for a little longer than the deadline at most, whatever the sink does. Whether it came.
    func awaitEnd() -> Bool {
        monitor.locked {
            let until = deadline == .max ? .max : deadline + 1_000_000_000
            while !ended {
                guard monitor.wait(until: until) else { break }
            }
            return ended
        }
    }

    private var isUrgent: Bool { monitor.locked { MonotonicClock.now() > deadline } }

    private func run() {
        while true {
            let taken = spool.take(atMost: Self.most, linger: Self.linger) { self.monitor.locked { self.deadline } }
            guard let taken, deliver(taken[...]) else { break }
        }
        monitor.locked {
            guard !closing, !exhausted else { return }
            problem = SinkFailure("\(spool.name): delivery has ended, which is a mistake in martlet: start it again")
            logger.error("\(spool.name): delivery has ended, which is a mistake in martlet: start it again")
        }
        spool.abandon()
        sink.finish { self.isUrgent }
        monitor.locked {
            ended = true
            monitor.signal()
        }
    }

    /// Brings batches to the sink, as often as it takes; false when it is time to end.
    private func deliver(_ taken: ArraySlice<Spool.Taken>) -> Bool {
        var taken = taken
        var attempts = Attempts(retries)
        let start = spool.position
        var position = SpoolPosition(frame: taken.first?.spooled.frame ?? 0, events: 0)
        if start.frame == position.frame { position = start }
        while !taken.isEmpty {
            openAgain()
            monitor.locked { busySince = MonotonicClock.now() }
            let result = sink.write(taken.map(\.spooled), from: position) { self.isUrgent }
            monitor.locked { busySince = nil }
            if result.position > position {
                attempts.succeed()
                pass(&taken, from: position, to: result.position)
                position = result.position
            }
            switch result.problem {
            case nil where taken.isEmpty: recover()
            case nil:
                // Who comes no further and does not say why is not asked for ever.
                let failure = SinkFailure(
                    "\(spool.name): it left events without a reason, which is a mistake in martlet"
                )
                guard waitForRetry(attempts.fail(), failure, attempts.isExhausted) else { return false }
            case .abandoned: return false
            case .refused(let failure):
                refuse(&taken, &position, failure)
            case .failed(let failure):
                let delay = attempts.fail()
                guard waitForRetry(delay, failure, attempts.isExhausted) else { return false }
            }
        }
        return true
    }

    /// Notes that the sink has all up to a position, and forgets the batches that it has whole.
    private func pass(
        _ taken: inout ArraySlice<Spool.Taken>,
        from old: SpoolPosition,
        to new: SpoolPosition,
        isRefused: Bool = false
    ) {
        var tallies = (own: Tally(), earlier: Tally())
        var mark: (position: SpoolPosition, counts: KindCounts, part: KindCounts)?
        while let first = taken.first {
            let (frame, batch) = (first.spooled.frame, first.spooled.batch)
            let begin = frame == old.frame ? min(old.events, batch.events.count) : 0
            let end =
                frame < new.frame ? batch.events.count : frame == new.frame ? min(new.events, batch.events.count) : 0
            if frame >= spool.firstFrame {
                tallies.own.add(batch, begin..<max(begin, end))
            } else {
                tallies.earlier.add(batch, begin..<max(begin, end))
            }
            guard end == batch.events.count else {
                mark = (SpoolPosition(frame: frame, events: end), first.before, batch.counts(0..<end))
                break
            }
            var counts = first.before
            counts += batch.counts(0..<batch.events.count)
            mark = (SpoolPosition(frame: frame + 1, events: 0), counts, KindCounts())
            taken.removeFirst()
        }
        if let mark { spool.acknowledge(mark.position, mark.counts, mark.part) }
        monitor.locked {
            if isRefused {
                own.failed += tallies.own.counts
                earlier.failed += tallies.earlier.counts
            } else {
                own.delivered += tallies.own.counts
                earlier.delivered += tallies.earlier.counts
                latency += tallies.own.latencies
            }
        }
    }

    /// Leaves out the one event that the sink will never take.
    private func refuse(
        _ taken: inout ArraySlice<Spool.Taken>,
        _ position: inout SpoolPosition,
        _ failure: SinkFailure
    ) {
        logger.error("\(failure); one event is lost")
        let next = SpoolPosition(frame: position.frame, events: position.events + 1)
        pass(&taken, from: position, to: next, isRefused: true)
        position = next
        if let first = taken.first, first.spooled.frame > position.frame {
            position = SpoolPosition(frame: first.spooled.frame, events: 0)
        }
    }

    private func recover() {
        let was = monitor.locked {
            defer { problem = nil }
            return problem
        }
        if was != nil { logger.notice("\(spool.name): delivers again") }
    }

    /// False when it is time to end, or it failed too often.
    private func waitForRetry(_ delay: Double, _ failure: SinkFailure, _ isExhausted: Bool) -> Bool {
        let moment = MonotonicClock.now() + MonotonicClock.nanoseconds(delay)
        let isNew = monitor.locked {
            defer { problem = failure }
            return problem != failure
        }
        if isExhausted {
            logger.error("\(failure); it failed too often in a row")
        } else if isNew {
            logger.error("\(failure); events wait in the spool, and it is tried again")
        }
        return monitor.locked {
            exhausted = isExhausted
            // What is not delivered when it is time to end waits for the next start: no further try is worth the wait, unless
            // there is all the time.
            while !closing || deadline == .max, !isExhausted {
                guard monitor.wait(until: moment) else { return true }
            }
            return false
        }
    }

    private func openAgain() {
        let isWanted = monitor.locked {
            defer { wantsReopen = false }
            return wantsReopen
        }
        guard isWanted else { return }
        do { try sink.reopen() } catch {
            logger.error("\(spool.name): not opened again, the old file goes on: \(error)")
        }
    }
}
