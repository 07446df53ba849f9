import Collector
import Logging
import Model

/// A sink behind a bounded queue, on a thread of its own: what has no room is dropped and counted.
package final class SinkRunner: Output, @unchecked Sendable {
    private let sink: any Sink
    private let name: String
    private let logger: Logger
    private let capacity: Int
    /// Bytes of batches that may wait: a few large records must not cost what many small ones do.
    private static let byteCapacity = 64 << 20
    private let waits: Bool
    private let retries: RetryPolicy?

    // All below is guarded by the monitor.
    private let monitor = Monitor()
    private var queue: [EventBatch] = []
    private var queued = 0
    private var queuedBytes = 0
    /// What the sink writes now; it waits like the rest.
    private var current: EventBatch?
    /// What it has of `queuedBytes`, however much of it is written.
    private var currentBytes = 0
    private var total = OutputCounts()
    private var latency = LatencyHistogram()
    private var closing = false
    private var ended = false
    private var threadEnded = false
    private var deadline: UInt64 = .max
    private var readerGone = false
    private var problem: SinkFailure?
    private var exhausted = false
    private var wantsReopen = false

    /// How often a sink that wants it is called without a batch, ns.
    private static let tick: UInt64 = 1_000_000_000

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - capacity: how many events may wait.
    ///   - waits: the caller of `offer` waits for room, instead of losing the batch.
    ///   - retries: what a sink refuses is tried again; nil: it is lost at once.
    package init(
        _ sink: any Sink,
        name: String,
        capacity: Int = 1 << 17,
        waits: Bool = false,
        retries: RetryPolicy? = nil,
        logger: Logger
    ) {
        self.sink = sink
        self.name = name
        self.logger = logger
        self.capacity = capacity
        self.waits = waits
        self.retries = retries
        if let error = Monitor.startThread({ self.run() }) {
            ended = true
            logger.error("\(name): no thread for it: \(error)")
        }
    }

    package var status: OutputStatus {
        monitor.locked {
            var status = OutputStatus()
            status.counts = total
            status.queue = QueueUse()
            status.queue.events = queued
            status.queue.eventLimit = capacity
            status.queue.bytes = queuedBytes
            status.queue.byteLimit = Self.byteCapacity
            status.latency = latency
            status.problem = problem?.description
            return status
        }
    }

    package var isReaderGone: Bool { monitor.locked { readerGone } }

    package var exhaustion: SinkFailure? { monitor.locked { exhausted ? problem : nil } }

    /// Whether its thread does nothing any more.
    var hasEnded: Bool { monitor.locked { threadEnded } }

    /// How many events wait.
    package var depth: Int { monitor.locked { queued } }

    package func offer(_ batch: EventBatch) { _ = take(batch) }

    /// Hands a finished batch over; false when there was no room, and all of it but losses is lost.
    func take(_ batch: EventBatch) -> Bool {
        guard !batch.events.isEmpty || waits else { return true }
        // A sink that waits wants the records of all events, the filtered ones too.
        let batch = waits ? batch : batch.slim()
        return monitor.locked {
            while waits, isFull(for: batch), !ended { monitor.wait() }
            guard !ended, !isFull(for: batch) else {
                // What has no room because the sink refuses what came before is refused with it.
                let refused = problem != nil && !ended
                for event in batch.events where event.kind != .loss || ended {
                    if refused { total.failed[event.kind] += 1 } else { total.queueFull[event.kind] += 1 }
                }
                // What was lost must be told, whatever else is: a few events a second.
                if !ended { append(batch.copy(of: .loss)) }
                return false
            }
            append(batch)
            return true
        }
    }

    private func isFull(for batch: EventBatch) -> Bool {
        guard !queue.isEmpty || current != nil else { return false }
        return queued + batch.events.count > capacity || queuedBytes + batch.footprint > Self.byteCapacity
    }

    private func append(_ batch: EventBatch) {
        guard !batch.events.isEmpty || waits else { return }
        queue.append(batch)
        queued += batch.events.count
        queuedBytes += batch.footprint
        monitor.signal()
    }

    package func reopen() {
        monitor.locked {
            wantsReopen = true
            monitor.signal()
        }
    }

    package func beginClosing(within seconds: Double) {
        monitor.locked {
            closing = true
            deadline = MonotonicClock.now() + MonotonicClock.nanoseconds(seconds)
            monitor.signal()
        }
    }

    /// What is left after the time then counts as dropped by a full queue.
    package func close(within seconds: Double?) {
        monitor.locked {
            closing = true
            // A write that cannot be interrupted may outlast the deadline a little, never for ever.
            var until = UInt64.max
            if let seconds {
                deadline = MonotonicClock.now() + MonotonicClock.nanoseconds(seconds)
                until = deadline + 1_000_000_000
            }
            monitor.signal()
            while !ended {
                guard monitor.wait(until: until) else { break }
            }
            ended = true
            // A write that hangs for good will never say how far it came: what it holds counts as what waits.
            for batch in (current.map { [$0] } ?? []) + queue {
                for event in batch.events { total.queueFull[event.kind] += 1 }
            }
            current = nil
            queue = []
            queued = 0
            queuedBytes = 0
        }
    }

    private var isUrgent: Bool { monitor.locked { MonotonicClock.now() > deadline } }

    private func run() {
        while let batch = next() { deliver(batch) }
        sink.finish { self.isUrgent }
        monitor.locked {
            ended = true
            threadEnded = true
            monitor.signal()
        }
    }

    /// The next batch; nil at the end. What the sink wants done in between is done here.
    private func next() -> EventBatch? {
        while true {
            let (batch, reopen) = monitor.locked { () -> (EventBatch?, Bool) in
                let moment = sink.wantsTicks ? MonotonicClock.now() + Self.tick : .max
                while queue.isEmpty, !closing, !wantsReopen {
                    guard monitor.wait(until: moment) else { break }
                }
                defer { wantsReopen = false }
                current = queue.isEmpty ? nil : queue.removeFirst()
                currentBytes = current?.footprint ?? 0
                return (current, wantsReopen)
            }
            if reopen { openAgain() }
            sink.tick()
            if let batch { return batch }
            if monitor.locked({ closing && queue.isEmpty }) { return nil }
        }
    }

    private func openAgain() {
        do { try sink.reopen() } catch { logger.error("\(name): not opened again, the old file goes on: \(error)") }
    }

    /// Writes a batch; what the sink refuses is tried again, unless that is not wanted or it is time to end.
    private func deliver(_ batch: EventBatch) {
        var batch = batch
        var attempts = Attempts(retries ?? .degrade)
        while true {
            let result = sink.write(batch) { self.isUrgent }
            guard case .failed(let written, let failure) = result, retries != nil else {
                return account(batch, result)
            }
            let delay = attempts.fail()
            guard !attempts.isExhausted, waitForRetry(delay, batch, written, failure) else {
                return account(batch, result, isExhausted: attempts.isExhausted)
            }
            batch = batch.suffix(from: written)
            sink.tick()
        }
    }

    /// Notes what of a batch is out, and waits before the rest is tried again; false when it is time to end.
    private func waitForRetry(_ delay: Double, _ batch: EventBatch, _ written: Int, _ failure: SinkFailure) -> Bool {
        var tally = Tally()
        tally.add(batch, 0..<written)
        let moment = MonotonicClock.now() + MonotonicClock.nanoseconds(delay)
        let (isFirst, goesOn, reopen) = monitor.locked { () -> (Bool, Bool, Bool) in
            guard current != nil else { return (false, false, false) }
            let isFirst = problem == nil
            problem = failure
            guard !closing else { return (isFirst, false, false) }
            total.delivered += tally.counts
            latency += tally.latencies
            queued -= written
            current = batch.suffix(from: written)
            while !closing, !wantsReopen {
                guard monitor.wait(until: moment) else { break }
            }
            defer { wantsReopen = false }
            return (isFirst, true, wantsReopen)
        }
        if isFirst { logger.error("\(failure); tried again until it works") }
        if reopen { openAgain() }
        return goesOn
    }

    private func account(_ batch: EventBatch, _ result: SinkResult, isExhausted: Bool = false) {
        let written =
            switch result {
            case .written: batch.events.count
            case .failed(let after, _), .closed(let after), .abandoned(let after): after
            }
        // Outside the lock, which the reader may wait for.
        var tally = Tally()
        tally.add(batch, 0..<written)
        let rest = batch.counts(written..<batch.events.count)
        monitor.locked {
            // Closed meanwhile, and accounted for.
            guard current != nil else { return }
            current = nil
            queued -= batch.events.count
            queuedBytes -= currentBytes
            total.delivered += tally.counts
            latency += tally.latencies
            switch result {
            case .written:
                if batch.events.isEmpty { break }
                if problem != nil { logger.notice("\(name): writes again") }
                problem = nil
            case .failed(_, let failure):
                total.failed += rest
                if isExhausted {
                    exhausted = true
                    closing = true
                    logger.error("\(failure); it failed too often in a row")
                } else if problem == nil {
                    logger.error("\(failure); events are lost until it works again")
                }
                problem = failure
            case .closed:
                total.failed += rest
                readerGone = true
            case .abandoned: total.queueFull += rest
            }
            monitor.signal()
        }
    }
}
