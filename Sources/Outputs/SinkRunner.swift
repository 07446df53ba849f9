import Collector
import Glibc
import Logging
import Model

/// A sink behind a bounded queue, on a thread of its own: what it does not take in time is dropped and counted.
package final class SinkRunner: @unchecked Sendable {
    /// What became of the events that were offered.
    package struct Counts: Sendable {
        package var delivered = KindCounts()
        package var queueFull = KindCounts()
        package var failed = KindCounts()

        package init() {}
    }

    /// The queue and what came of it, at one moment.
    package struct Status: Sendable {
        package var counts = Counts()
        package var queue = QueueUse()
        /// From the kernel's hook to the end of the write, for each event that was written and that a hook told.
        package var latency = LatencyHistogram()

        package init() {}
    }

    /// What waits for a sink, and what may.
    package struct QueueUse: Sendable, Equatable {
        package var events = 0
        package var eventLimit = 0
        package var bytes = 0
        package var byteLimit = 0

        package init() {}
    }

    private let sink: any Sink
    private let name: String
    private let logger: Logger
    private let capacity: Int
    /// Bytes of batches that may wait: a few large records must not cost what many small ones do.
    private static let byteCapacity = 64 << 20
    private let waits: Bool

    // All below is guarded by the mutex.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: [EventBatch] = []
    private var queued = 0
    private var queuedBytes = 0
    /// What the sink writes now; it waits like the rest.
    private var current: EventBatch?
    private var state = Counts()
    private var latency = LatencyHistogram()
    private var closing = false
    private var ended = false
    private var deadline: UInt64 = .max
    private var readerGone = false
    private var failing = false
    private var wantsReopen = false

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - capacity: how many events may wait.
    ///   - waits: the caller of `offer` waits for room, instead of losing the batch.
    package init(_ sink: any Sink, name: String, capacity: Int = 1 << 17, waits: Bool = false, logger: Logger) {
        self.sink = sink
        self.name = name
        self.logger = logger
        self.capacity = capacity
        self.waits = waits
        pthread_mutex_init(mutex, nil)
        // A deadline must not move with the wall clock.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
        var thread = pthread_t()
        let me = Unmanaged.passRetained(self)
        let error = pthread_create(
            &thread,
            nil,
            { pointer in
                if let pointer { Unmanaged<SinkRunner>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            },
            me.toOpaque()
        )
        if error == 0 {
            pthread_detach(thread)
        } else {
            me.release()
            ended = true
            logger.error("\(name): no thread for it: \(String(cString: strerror(error)))")
        }
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// What became of the events so far; those that wait are in none of the counts.
    package var counts: Counts { locked { state } }

    /// All that there is to know of it, of one moment.
    package var status: Status {
        locked {
            var status = Status()
            status.counts = state
            status.queue.events = queued
            status.queue.eventLimit = capacity
            status.queue.bytes = queuedBytes
            status.queue.byteLimit = Self.byteCapacity
            status.latency = latency
            return status
        }
    }

    /// True when whoever read the sink's output has gone.
    package var isReaderGone: Bool { locked { readerGone } }

    /// How many events wait.
    package var depth: Int { locked { queued } }

    /// Hands a finished batch over.
    package func offer(_ batch: EventBatch) {
        guard !batch.events.isEmpty || waits else { return }
        // A sink that waits wants the records of all events, the filtered ones too.
        let batch = waits ? batch : batch.slim()
        locked {
            while waits, isFull(for: batch), !ended { pthread_cond_wait(changed, mutex) }
            guard !ended, !isFull(for: batch) else {
                for event in batch.events where event.kind != .loss || ended { state.queueFull[event.kind] += 1 }
                // What was lost must be told, whatever else is: a few events a second.
                if !ended { append(batch.copy(of: .loss)) }
                return
            }
            append(batch)
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
        pthread_cond_broadcast(changed)
    }

    /// Has the sink open its file again, as soon as it is between two batches.
    package func reopen() {
        locked {
            wantsReopen = true
            pthread_cond_broadcast(changed)
        }
    }

    /// Has the thread end when it has written what waits; `close` then waits for it.
    package func beginClosing(within seconds: Double) {
        locked {
            closing = true
            deadline = Self.now() + UInt64(seconds * 1e9)
            pthread_cond_broadcast(changed)
        }
    }

    /// Writes what waits, for at most `seconds` (nil: as long as it takes); what is left then counts as dropped by a full
    /// queue.
    package func close(within seconds: Double?) {
        locked {
            closing = true
            if let seconds { deadline = Self.now() + UInt64(seconds * 1e9) }
            pthread_cond_broadcast(changed)
            // A write that cannot be interrupted may outlast the deadline a little, never for ever.
            var until = timespec()
            clock_gettime(CLOCK_MONOTONIC, &until)
            until.tv_sec += Int((seconds ?? 0).rounded(.up)) + 1
            while !ended {
                if seconds == nil {
                    pthread_cond_wait(changed, mutex)
                } else if pthread_cond_timedwait(changed, mutex, &until) != 0 {
                    break
                }
            }
            ended = true
            // A write that hangs for good will never say how far it came: what it holds counts as what waits.
            for batch in (current.map { [$0] } ?? []) + queue {
                for event in batch.events { state.queueFull[event.kind] += 1 }
            }
            current = nil
            queue = []
            queued = 0
            queuedBytes = 0
        }
    }

    private var isClosing: Bool { locked { closing } }

    private func run() {
        while let batch = next() {
            let result = sink.write(batch) { self.locked { Self.now() > self.deadline } }
            account(batch, result)
        }
        sink.finish { self.locked { Self.now() > self.deadline } }
        locked {
            ended = true
            pthread_cond_broadcast(changed)
        }
    }

    private func next() -> EventBatch? {
        let (batch, reopen) = locked { () -> (EventBatch?, Bool) in
            while queue.isEmpty, !closing, !wantsReopen { pthread_cond_wait(changed, mutex) }
            defer { wantsReopen = false }
            current = queue.isEmpty ? nil : queue.removeFirst()
            return (current, wantsReopen)
        }
        if reopen {
            do { try sink.reopen() } catch { logger.error("\(name): not opened again, the old file goes on: \(error)") }
        }
        return batch ?? (reopen && !isClosing ? next() : nil)
    }

    private func account(_ batch: EventBatch, _ result: SinkResult) {
        let written =
            switch result {
            case .written: batch.events.count
            case .failed(let after, _), .closed(let after), .abandoned(let after): after
            }
        // Outside the lock, which the reader may wait for.
        let (delivered, latencies) = Self.tally(batch, written)
        var rest = KindCounts()
        for index in written..<batch.events.count { rest[batch.events[index].kind] += 1 }
        locked {
            // Closed meanwhile, and accounted for.
            guard current != nil else { return }
            current = nil
            queued -= batch.events.count
            queuedBytes -= batch.footprint
            state.delivered += delivered
            latency += latencies
            switch result {
            case .written:
                if batch.events.isEmpty { break }
                if failing { logger.notice("\(name): writes again") }
                failing = false
            case .failed(_, let failure):
                state.failed += rest
                if !failing { logger.error("\(failure); events are lost until it works again") }
                failing = true
            case .closed:
                state.failed += rest
                readerGone = true
            case .abandoned: state.queueFull += rest
            }
            pthread_cond_broadcast(changed)
        }
    }

    /// Of the first events of a batch, how many of each kind there are, and how long ago their hooks were.
    package static func tally(_ batch: EventBatch, _ count: Int) -> (KindCounts, LatencyHistogram) {
        var counts = KindCounts()
        var latencies = LatencyHistogram()
        let now = BootClock.now()
        let hooked = Self.hooked
        let events = batch.events
        // By index: an event taken out of the array would have its executions counted.
        for index in 0..<count {
            let kind = events[index].kind
            counts[kind] += 1
            guard hooked.contains(kind) else { continue }
            let time = batch.record(events[index]).header.time
            latencies.add(nanoseconds: now > time ? now - time : 0)
        }
        return (counts, latencies)
    }

    /// Kinds that hooks tell; the agent itself makes the others.
    private static let hooked: KindSet = [.fork, .exec, .execFailed, .exit, .open, .tcp, .shell, .heartbeat]

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
