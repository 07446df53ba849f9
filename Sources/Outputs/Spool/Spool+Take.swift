import Glibc
import Model

extension Spool {
    /// Waits for batches and takes them, in their order.
    ///
    /// - Parameters:
    ///   - linger: ns that few wait for more, from the first one on.
    ///   - deadline: asked for while it waits: a moment after which nothing is taken any more.
    /// - Returns: nil when appending has ended and all is taken, or when it is past the deadline.
    func take(atMost limit: Int, linger: UInt64, deadline: () -> UInt64) -> [Taken]? {
        var list: [Taken] = []
        var count = 0
        var end: UInt64?
        while count < limit {
            let step = monitor.locked { nextStep(until: end, deadline) }
            switch step {
            case .end: return list.isEmpty ? nil : list
            case .memory(let taken):
                list.append(taken)
                count += taken.spooled.batch.events.count
            case .disk(let segment):
                guard let taken = read(segment) else { continue }
                list.append(taken)
                count += taken.spooled.batch.events.count
            }
            end = end ?? MonotonicClock.now() + linger
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
        while true {
            while takenFrame >= nextFrame {
                if isEnding { return .end }
                guard monitor.wait(until: min(end ?? .max, deadline())) else { return .end }
            }
            if MonotonicClock.now() > deadline() { return .end }
            if let taken = tail.take(takenFrame) {
                if waits { monitor.signal() }
                takenFrame += 1
                takenCounts = taken.before + taken.spooled.batch.counts(0..<taken.spooled.batch.events.count)
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
        }
    }

    /// Counts what lies between as damaged. While locked.
    private func skip(to frame: UInt64, _ counts: KindCounts) {
        let frames = takenFrame..<max(frame, takenFrame)
        let lost = counts - takenCounts - gaps.counts(in: frames)
        (takenFrame, takenCounts) = (frame, counts)
        tail.drop(before: frame)
        guard lost.total > 0 else { return }
        lose(lost, frames, .spoolDamaged)
        logger.error("\(name): \(lost.total) events in the spool cannot be read any more, and are lost")
    }

    /// Reads the next frame from a file; nil when it had none.
    private func read(_ segment: SpoolSegment) -> Taken? {
        if reader == nil || reader?.path != segment.path { reader = SpoolSegmentReader(segment) }
        let wanted = monitor.locked { takenFrame }
        let frame = reader?.next(from: wanted, pool)
        return monitor.locked {
            // Forced out meanwhile, and accounted for.
            guard takenFrame == wanted else { return nil }
            guard let frame, frame.number < segment.end else {
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
    ///   - counts: what the frames before the position's had.
    ///   - part: what the sink has of that frame.
    func acknowledge(_ position: SpoolPosition, _ counts: KindCounts, _ part: KindCounts) {
        monitor.locked {
            mark.position = position
            mark.counts = counts
            mark.part = part
            gaps.forget(before: position.frame)
            losses.acknowledge(before: position.frame)
            state.note(acknowledged: mark.stored)
            state.note(gaps, losses.account)
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
}
