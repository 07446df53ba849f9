import Formats
import Glibc
import Logging
import Model

/// A stream of batches between a queue and a sink: on disk as long as the sink has not confirmed them, so that neither a sink
/// that is away nor the agent's own end costs any.
///
/// One thread appends, another takes and acknowledges. The latest batches are in memory too, so that nothing is read back as
/// long as the sink keeps up.
package final class Spool: @unchecked Sendable {
    /// A batch that was taken, and what the stream had before it.
    struct Taken {
        let spooled: SpooledBatch
        let before: KindCounts
    }

    /// Names it in the log.
    let name: String
    let settings: SpoolSettings
    let origin: StreamOrigin
    let state: SpoolState
    let logger: Logger
    private let monitor = Monitor()
    private var lock: SpoolLock?
    private let waits: Bool
    /// Nothing is taken any more: nobody is to wait for room.
    private var isAbandoned = false
    private let pool = EventBatchPool(kept: 4)
    /// The first frame of this run.
    private(set) var firstFrame: UInt64 = 1

    // Guarded by the monitor.
    /// Oldest first; the last one may still grow.
    private var segments: [SpoolSegment] = []
    private var tail = SpoolTail()
    /// What the stream had so far, and its next frame.
    private var spooled = KindCounts()
    private var nextFrame: UInt64 = 1
    /// The next frame to be taken, and what the stream had before it.
    private var takenFrame: UInt64 = 1
    private var takenCounts = KindCounts()
    /// How far the sink is, and what the stream had before that frame.
    private var acknowledged = SpoolPosition(frame: 1, events: 0)
    private var acknowledgedCounts = KindCounts()
    /// What it has of that frame.
    private var acknowledgedPart = KindCounts()
    private var losses = (own: OutputCounts(), earlier: OutputCounts())
    private var isEnding = false
    private var diskProblem: String?

    // The appending thread's.
    private var writer: SpoolSegmentWriter?
    private var buffer = TextBuffer(capacity: 256 << 10)
    /// The oldest frame that the disk may not have, and since when.
    private var unsynced: (frame: UInt64, since: UInt64)?
    private var lastTick: UInt64 = 0

    // The taking thread's.
    private var reader: SpoolSegmentReader?

    /// The stream's name: 32 hexadecimal digits.
    package var stream: String { state.stream }

    /// Opens a spool, and finds what an earlier run left in it.
    ///
    /// - Parameters:
    ///   - name: of the sink's folder within that of the settings.
    ///   - waits: whoever appends waits for room.
    /// - Throws: what is wrong with the folder, and what to do about it.
    package init(
        name: String,
        _ settings: SpoolSettings,
        origin: StreamOrigin,
        waits: Bool = false,
        logger: Logger
    ) throws(SinkFailure) {
        self.name = name
        self.waits = waits
        self.settings = settings
        self.origin = origin
        self.logger = logger
        guard settings.size > 0 else {
            lock = nil
            state = try SpoolState(path: nil)
            return
        }
        let folder = settings.folder + "/" + name
        lock = try SpoolLock(folder)
        state = try SpoolState(path: folder + "/state")
        recover(SpoolRecovery(folder, state, logger))
        firstFrame = nextFrame
        tellKilled()
    }

    private func recover(_ found: SpoolRecovery) {
        segments = found.segments
        nextFrame = found.nextFrame
        spooled = found.spooled
        acknowledged = found.acknowledged
        acknowledgedCounts = found.acknowledgedCounts
        (takenFrame, takenCounts) = (found.acknowledged.frame, found.acknowledgedCounts)
        losses.earlier.killed = found.killed
    }

    /// What an earlier agent had in its memory is told first of all.
    private func tellKilled() {
        let killed = losses.earlier.killed
        guard killed.total > 0 else { return }
        logger.warning("\(name): an earlier agent was killed, and \(killed.total) events were in its memory alone")
        // The frame's number says from now on that it was told.
        try? append(.killed(killed))
        state.settle()
    }

    // MARK: The appending thread

    /// Adds a batch: on disk, or as long as there is no room for it in memory alone.
    ///
    /// - Throws: when there is room in neither; then nothing was added.
    package func append(_ batch: EventBatch) throws(SinkFailure) {
        guard !batch.events.isEmpty else { return }
        var events = spooled
        events += batch.counts(0..<batch.events.count)
        let bytes = settings.size > 0 ? writeToDisk(batch, events) : nil
        let isOnDisk = bytes != nil
        guard isOnDisk || hasRoom(for: batch) else {
            throw SinkFailure(
                settings.size == 0
                    ? "\(name): \(settings.memory >> 20) MiB of memory are full of events that wait"
                    : "\(diskProblem ?? name); memory is full of events that wait as well"
            )
        }
        state.note(spooled: events, nextFrame: nextFrame + 1)
        monitor.locked {
            if let bytes, !segments.isEmpty {
                let last = segments.count - 1
                segments[last].end = nextFrame + 1
                segments[last].after = events
                segments[last].bytes = bytes
                segments[last].written = SpoolSegment.now()
            }
            let spooledBatch = SpooledBatch(frame: nextFrame, origin: origin, batch: batch)
            tail.append(Taken(spooled: spooledBatch, before: spooled), isOnDisk: isOnDisk)
            tail.trim(to: settings.memory)
            spooled = events
            nextFrame += 1
            monitor.signal()
        }
        if isOnDisk { keepSafe() }
        enforceSize()
    }

    /// Whether memory alone has room for a batch; who waits for it has, in the end.
    private func hasRoom(for batch: EventBatch) -> Bool {
        monitor.locked {
            let isRoom = { self.tail.isEmpty || self.tail.bytes + batch.footprint <= self.settings.memory }
            while waits, !isRoom(), !isAbandoned { monitor.wait() }
            return isRoom()
        }
    }

    /// Writes a frame into the segment, or into a new one; nil when the disk does not take it. How large the segment is then.
    private func writeToDisk(_ batch: EventBatch, _ events: KindCounts) -> Int? {
        do throws(SinkFailure) {
            if writer == nil || (writer?.bytes ?? 0) >= settings.segmentSize { try beginSegment() }
            try writer?.append(batch, number: nextFrame, events: events, &buffer)
            if diskProblem != nil { logger.notice("\(name): the spool is written to disk again") }
            monitor.locked { diskProblem = nil }
            return writer?.bytes
        } catch {
            // What the writer knows of the segment is not in it any more.
            writer = nil
            monitor.locked {
                guard let last = segments.last, last.first == last.end else { return }
                unlink(last.path)
                segments.removeLast()
            }
            if diskProblem == nil {
                logger.error("\(error); events wait in memory until the spool can be written again")
            }
            monitor.locked { diskProblem = error.description }
            return nil
        }
    }

    private func beginSegment() throws(SinkFailure) {
        if settings.sync != .never, hasUnacknowledged { try writer?.sync() }
        writer = nil
        unsynced = nil
        let path = settings.folder + "/" + name + "/" + SpoolSegment.name(first: nextFrame)
        let header = SpoolFormat.SegmentHeader(origin, state.page.stream, first: nextFrame, events: spooled)
        let new = try SpoolSegmentWriter(path, header)
        let segment = SpoolSegment(path: path, origin: origin, first: nextFrame, before: spooled, bytes: new.bytes)
        writer = consume new
        monitor.locked {
            segments.append(segment)
        }
    }

    private var hasUnacknowledged: Bool { monitor.locked { acknowledged.frame < nextFrame } }

    /// Has the disk take what must be there by now.
    private func keepSafe() {
        switch settings.sync {
        case .never: return
        case .always: sync()
        case .after(let seconds):
            let now = MonotonicClock.now()
            let oldest = unsynced ?? (nextFrame - 1, now)
            unsynced = oldest
            guard now - oldest.since >= MonotonicClock.nanoseconds(seconds) else { return }
            if monitor.locked({ acknowledged.frame > oldest.frame }) {
                // What the sink has by now need not be safe here: one that keeps up costs no disk.
                unsynced = (nextFrame - 1, now)
            } else {
                sync()
                unsynced = nil
            }
        }
    }

    private func sync() {
        do { try writer?.sync() } catch { logger.error("\(error)") }
    }

    /// Called about each second, also when nothing comes.
    func tick() {
        let now = MonotonicClock.now()
        guard now - lastTick >= 1_000_000_000 else { return }
        lastTick = now
        if unsynced != nil { keepSafe() }
        let oldest = SpoolSegment.now() - Int(settings.age)
        monitor.locked {
            // A segment that is written to is as young as its last frame.
            while segments.count > 1, let first = segments.first, first.written < oldest { forceOut(first) }
        }
    }

    private func enforceSize() {
        guard settings.size > 0 else { return }
        monitor.locked {
            while segments.count > 1, let first = segments.first,
                segments.reduce(0, { $0 + $1.bytes }) > settings.size
            {
                forceOut(first)
            }
        }
    }

    /// Removes the oldest segment; what of it was not taken is lost. While locked.
    private func forceOut(_ segment: SpoolSegment) {
        segments.removeFirst()
        unlink(segment.path)
        guard takenFrame < segment.end else { return }
        let lost = segment.after - takenCounts
        if segment.first >= firstFrame { losses.own.forcedOut += lost } else { losses.earlier.forcedOut += lost }
        (takenFrame, takenCounts) = (segment.end, segment.after)
        tail.drop(before: takenFrame)
    }

    /// Nothing more will be appended.
    func endAppending() {
        if settings.sync != .never, hasUnacknowledged { sync() }
        monitor.locked {
            isEnding = true
            monitor.signal()
        }
        // All that was offered is in the books of this run.
        state.settle()
    }

    // MARK: The taking thread

    /// Waits for batches and takes them, in their order.
    ///
    /// - Parameters:
    ///   - linger: ns that it waits for more when there are few.
    ///   - deadline: asked for while it waits: a moment after which nothing is taken any more.
    /// - Returns: nothing when appending has ended and all is taken, or when it is past the deadline.
    func take(atMost limit: Int, linger: UInt64, deadline: () -> UInt64) -> [Taken] {
        var list: [Taken] = []
        var count = 0
        var end: UInt64?
        while count < limit {
            let step = monitor.locked { nextStep(until: end, deadline) }
            // They wait for more from the first one on.
            end = end ?? MonotonicClock.now() + linger
            switch step {
            case .end: return list
            case .memory(let taken):
                list.append(taken)
                count += taken.spooled.batch.events.count
            case .disk(let segment):
                guard let taken = read(segment) else { continue }
                list.append(taken)
                count += taken.spooled.batch.events.count
            }
        }
        return list
    }

    private enum Step {
        case memory(Taken)
        case disk(SpoolSegment)
        case end
    }

    /// What comes next; waits for it until a moment, or else until the deadline. While locked.
    private func nextStep(until end: UInt64?, _ deadline: () -> UInt64) -> Step {
        while takenFrame >= nextFrame {
            if isEnding { return .end }
            guard monitor.wait(until: min(end ?? .max, deadline())) else { return .end }
        }
        if MonotonicClock.now() > deadline() { return .end }
        if let taken = tail.take(takenFrame) {
            if waits { monitor.signal() }
            takenFrame += 1
            takenCounts = taken.before
            takenCounts += taken.spooled.batch.counts(0..<taken.spooled.batch.events.count)
            return .memory(taken)
        }
        if let segment = segments.first(where: { $0.first <= takenFrame && takenFrame < $0.end }) {
            return .disk(segment)
        }
        // No file has it: what stands between here and there is gone.
        let next = segments.first { $0.first > takenFrame }
        if let next, tail.first.map({ next.first <= $0.spooled.frame }) ?? true {
            skip(to: next.first, next.before)
        } else if let first = tail.first {
            skip(to: first.spooled.frame, first.before)
        } else {
            skip(to: nextFrame, spooled)
        }
        return nextStep(until: end, deadline)
    }

    /// Counts what lies between as damaged. While locked.
    private func skip(to frame: UInt64, _ counts: KindCounts) {
        let lost = counts - takenCounts
        if lost.total > 0 {
            if takenFrame >= firstFrame { losses.own.damaged += lost } else { losses.earlier.damaged += lost }
            logger.error("\(name): \(lost.total) events in the spool cannot be read any more, and are lost")
        }
        (takenFrame, takenCounts) = (frame, counts)
        tail.drop(before: frame)
    }

    /// Reads the next frame from a file; nil when it had none.
    private func read(_ segment: SpoolSegment) -> Taken? {
        if reader == nil || reader?.path != segment.path { reader = SpoolSegmentReader(segment) }
        let wanted = monitor.locked { takenFrame }
        let frame = reader?.next(from: wanted, pool)
        return monitor.locked {
            // Forced out meanwhile, and accounted for.
            guard takenFrame == wanted else { return nil }
            guard let frame else {
                reader = nil
                skip(to: segment.end, segment.after)
                return nil
            }
            let before = frame.after - frame.batch.counts(0..<frame.batch.events.count)
            if frame.number > wanted { skip(to: frame.number, before) }
            (takenFrame, takenCounts) = (frame.number + 1, frame.after)
            let spooled = SpooledBatch(frame: frame.number, origin: segment.origin, batch: frame.batch)
            return Taken(spooled: spooled, before: before)
        }
    }

    /// Notes that the sink has all before `position`: files of nothing else go.
    ///
    /// - Parameters:
    ///   - counts: what the stream had before the position's frame.
    ///   - part: what the sink has of that frame.
    func acknowledge(_ position: SpoolPosition, _ counts: KindCounts, _ part: KindCounts) {
        state.note(acknowledged: position, counts)
        monitor.locked {
            acknowledged = position
            acknowledgedCounts = counts
            acknowledgedPart = part
            while segments.count > 1, let first = segments.first, first.end <= position.frame {
                unlink(first.path)
                segments.removeFirst()
            }
        }
    }

    /// Nothing will be taken any more.
    func abandon() {
        monitor.locked {
            isAbandoned = true
            monitor.signal()
        }
    }

    /// Has who waits in `take` ask for its deadline again.
    func wake() { monitor.locked { monitor.signal() } }

    /// Removes files of which nothing is wanted any more, and leaves the folder to others: both threads have ended.
    ///
    /// - Parameter isFailing: whether the sink refused what is lost now: what waited in memory alone.
    func close(isFailing: Bool) {
        writer = nil
        monitor.locked {
            while let first = segments.first, first.end <= acknowledged.frame {
                unlink(first.path)
                segments.removeFirst()
            }
            var lost = spooled - acknowledgedCounts
            if (segments.first.map { $0.first > acknowledged.frame }) ?? true { lost = lost - acknowledgedPart }
            for segment in segments { lost = lost - (segment.after - segment.before.maximum(acknowledgedCounts)) }
            if isFailing { losses.own.failed += lost } else { losses.own.queueFull += lost }
            // It is in the books now, and not to be missed by the next agent.
            if let first = segments.first {
                if first.first > acknowledged.frame { moveOn(to: first.first, first.before) }
            } else {
                moveOn(to: nextFrame, spooled)
            }
            state.note(spooled: segments.last?.after ?? spooled, nextFrame: nextFrame)
            state.settle()
        }
        lock = nil
    }

    /// While locked.
    private func moveOn(to frame: UInt64, _ counts: KindCounts) {
        acknowledged = SpoolPosition(frame: frame, events: 0)
        acknowledgedCounts = counts
        state.note(acknowledged: acknowledged, counts)
    }

    /// How far the sink is.
    var position: SpoolPosition { monitor.locked { acknowledged } }

    /// What the spool lost by itself, of this run's events and of earlier ones'.
    var lost: (own: OutputCounts, earlier: OutputCounts) { monitor.locked { losses } }

    /// What waits, and what may.
    var use: SpoolUse {
        monitor.locked {
            var use = SpoolUse()
            use.events = Int((spooled - acknowledgedCounts - acknowledgedPart).total)
            use.bytes = segments.reduce(0) { $0 + $1.bytes }
            use.byteLimit = settings.size
            use.problem = diskProblem
            return use
        }
    }
}
