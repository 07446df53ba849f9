import Formats
import Glibc
import Logging
import Model

/// Batches between a queue and a sink: on disk as long as the sink has not confirmed them, so that neither a sink that is
/// away nor the agent's own end costs any.
///
/// One thread appends (`Spool+Append`), another takes and acknowledges (`Spool+Take`). The latest batches are in memory too,
/// so that nothing is read back as long as the sink keeps up.
package final class Spool: @unchecked Sendable {
    /// A batch that was taken, and what the frames before it had.
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
    let monitor = Monitor()
    let waits: Bool
    let pool = EventBatchPool(kept: 4)
    /// The first frame of this run.
    private(set) var firstFrame: UInt64 = 1
    /// What the frames before it had.
    private var firstCounts = KindCounts()
    /// Where its files lie; nil: in memory alone.
    let folder: String?
    private var lock: SpoolLock?

    // Guarded by the monitor.
    /// Oldest first; the last one may still grow.
    var segments: [SpoolSegment] = []
    var tail = SpoolTail()
    /// What the frames so far had, and the next one.
    var spooled = KindCounts()
    var nextFrame: UInt64 = 1
    /// The next frame to be taken, and what those before had.
    var takenFrame: UInt64 = 1
    var takenCounts = KindCounts()
    /// How far the sink is.
    var mark = SpoolMark()
    /// What behind the mark will never be delivered, and is accounted for.
    var gaps = SpoolGaps()
    var losses = SpoolLosses()
    var isEnding = false
    /// Nothing is taken any more: nobody is to wait for room.
    var isAbandoned = false
    var diskProblem: String?

    // The appending thread's.
    var writer: SpoolSegmentWriter?
    var buffer = TextBuffer(capacity: 256 << 10)
    /// The oldest frame that the disk may not have, and since when.
    var unsynced: (frame: UInt64, since: UInt64)?
    var lastTick: UInt64 = 0

    // The taking thread's.
    var reader: SpoolSegmentReader?

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
        let path = settings.folder + "/" + name
        guard settings.size > 0,
            let opened = try Self.unlessFull(logger, { () throws(SinkFailure) in try SpoolLock(path) }),
            let page = try Self.unlessFull(logger, { () throws(SinkFailure) in try SpoolState(path: path + "/state") })
        else {
            folder = nil
            state = try SpoolState(path: nil)
            return
        }
        folder = path
        lock = consume opened
        state = page
        recover(SpoolRecovery(path, state, logger))
    }

    /// A full disk is no reason to watch nothing: then there is nil, and all waits in memory.
    private static func unlessFull<Value: ~Copyable>(
        _ logger: Logger,
        _ open: () throws(SinkFailure) -> Value
    ) throws(SinkFailure) -> Value? {
        do {
            return try open()
        } catch {
            guard error.description.contains(String(cString: strerror(ENOSPC))) else { throw error }
            logger.error("\(error): events wait in memory alone, until the next start")
            return nil
        }
    }

    /// Whether a folder is a spool with events in it that no agent uses now.
    package static func isLeftBehind(_ folder: String) -> Bool { SpoolLock.isLeftBehind(folder) }

    private func recover(_ found: SpoolRecovery) {
        segments = found.segments
        nextFrame = found.nextFrame
        firstFrame = found.nextFrame
        (spooled, firstCounts) = (found.spooled, found.spooled)
        mark = found.mark
        gaps = found.gaps
        losses = SpoolLosses(found.account)
        (takenFrame, takenCounts) = (mark.position.frame, mark.counts)
        if found.missing.total > 0 {
            losses.noteEarlier(found.missing, found.reason)
            logger.warning(
                found.reason == .killed
                    ? "\(name): an earlier agent was killed, and \(found.missing.total) events were in its memory alone"
                    : "\(name): \(found.missing.total) events that were in the spool are not there any more, and are lost"
            )
        }
        // First of all.
        tellLosses()
    }

    /// Counts events of some frames as lost that will never be delivered. While locked.
    func lose(_ counts: KindCounts, _ frames: Range<UInt64>, _ reason: DropReason) {
        guard counts.total > 0 else { return }
        losses.add(counts, reason, isOwn: frames.lowerBound >= firstFrame)
        losses.account.lose(before: frames.upperBound)
        gaps.add(frames, counts)
        state.note(gaps, losses.account)
    }

    /// Removes files of which nothing is wanted any more, and leaves the folder to others: both threads have ended.
    ///
    /// - Parameter isFailing: whether the sink refused what is lost now: what waited in memory alone.
    func close(isFailing: Bool) {
        writer = nil
        monitor.locked {
            while let first = segments.first, first.end <= mark.position.frame {
                unlink(first.path)
                segments.removeFirst()
            }
            let reason = isFailing ? DropReason.sinkFailed : .queueFull
            let lost = abandoned
            losses.add(lost.own, reason, isOwn: true)
            losses.add(lost.earlier, reason, isOwn: false)
            // It is in the books now, and not to be missed by the next agent.
            if let first = segments.first {
                if first.first > mark.position.frame { moveOn(to: first.first, first.before) }
            } else {
                moveOn(to: nextFrame, spooled)
            }
            for (one, next) in zip(segments, segments.dropFirst()) where one.end < next.first {
                gaps.fill(one.end..<next.first, next.before - one.after)
            }
            state.note(spooled: segments.last?.after ?? spooled, nextFrame: nextFrame)
            state.note(gaps, losses.account)
            state.settle(isClosed: true)
        }
        lock = nil
    }

    /// What nobody has, when all that is on disk stays there: of this run's events, and of earlier ones'. While locked.
    private var abandoned: (own: KindCounts, earlier: KindCounts) {
        let all = rest(mark.counts, spooled, mark.position.frame..<nextFrame, segments)
        let old = segments.filter { $0.first < firstFrame }
        let earlier =
            mark.position.frame < firstFrame
            ? rest(mark.counts, firstCounts, mark.position.frame..<firstFrame, old) : KindCounts()
        return (all - earlier, earlier)
    }

    /// What of some frames is neither on disk nor accounted for. While locked.
    private func rest(
        _ before: KindCounts,
        _ after: KindCounts,
        _ frames: Range<UInt64>,
        _ segments: [SpoolSegment]
    ) -> KindCounts {
        var rest = after - before - gaps.counts(in: frames)
        for segment in segments where segment.end > segment.first {
            let whole = segment.after - segment.before.maximum(before)
            rest = rest - (whole - gaps.counts(in: segment.first..<segment.end))
        }
        // Of a frame that is not on disk the sink may have a part.
        let isPartOnDisk = segments.first.map { $0.first <= mark.position.frame } ?? false
        return isPartOnDisk ? rest : rest - mark.part
    }

    /// While locked.
    private func moveOn(to frame: UInt64, _ counts: KindCounts) {
        mark.position = SpoolPosition(frame: frame, events: 0)
        mark.counts = counts
        mark.part = KindCounts()
        gaps.forget(before: frame)
        state.note(acknowledged: mark.stored)
    }

    /// How far the sink is.
    var position: SpoolPosition { monitor.locked { mark.position } }

    /// What the spool lost by itself, of this run's events and of earlier ones'.
    var lost: (own: OutputCounts, earlier: OutputCounts) { monitor.locked { (losses.own, losses.earlier) } }

    /// What waits, and what may.
    var use: SpoolUse {
        monitor.locked {
            var use = SpoolUse()
            let waiting =
                spooled - mark.counts - mark.part
                - gaps.counts(in: mark.position.frame..<max(nextFrame, mark.position.frame))
            use.events = Int(clamping: waiting.total)
            use.bytes = segments.reduce(0) { $0 + $1.bytes }
            use.byteLimit = settings.size
            use.problem = diskProblem
            return use
        }
    }
}
