import Glibc
import Model

extension Spool {
    /// Adds a batch: on disk, or as long as there is no room for it in memory alone.
    ///
    /// - Throws: when there is room in neither; then nothing was added.
    package func append(_ batch: EventBatch) throws(SinkFailure) {
        guard !batch.events.isEmpty else { return }
        let events = spooled + batch.counts(0..<batch.events.count)
        let bytes = folder.flatMap { writeToDisk(batch, events, $0) }
        guard bytes != nil || hasRoom(for: batch) else {
            throw SinkFailure(
                folder == nil
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
            }
            let spooledBatch = SpooledBatch(frame: nextFrame, origin: origin, batch: batch)
            tail.append(Taken(spooled: spooledBatch, before: spooled), isOnDisk: bytes != nil)
            tail.trim(to: settings.memory)
            spooled = events
            nextFrame += 1
            monitor.signal()
        }
        if bytes != nil { keepSafe() }
        enforceSize()
    }

    /// Whether memory alone has room for a batch, what is on disk as well left out; who waits for it has, in the end.
    private func hasRoom(for batch: EventBatch) -> Bool {
        monitor.locked {
            tail.trim(to: max(0, settings.memory - batch.footprint))
            let isRoom = { self.tail.isEmpty || self.tail.bytes + batch.footprint <= self.settings.memory }
            while waits, !isRoom(), !isAbandoned { monitor.wait() }
            return isRoom()
        }
    }

    /// Writes a frame into the segment, or into a new one; nil when the disk does not take it. How large the segment is then.
    private func writeToDisk(_ batch: EventBatch, _ events: KindCounts, _ folder: String) -> Int? {
        do throws(SinkFailure) {
            if writer == nil || (writer?.bytes ?? 0) >= settings.segmentSize { try beginSegment(folder) }
            try writer?.append(batch, number: nextFrame, events: events, &buffer)
            if diskProblem != nil { logger.notice("\(name): the spool is written to disk again") }
            monitor.locked { diskProblem = nil }
            return writer?.bytes
        } catch {
            // What the writer knows of the segment is not in it any more.
            writer = nil
            if diskProblem == nil {
                logger.error("\(error); events wait in memory until the spool can be written again")
            }
            monitor.locked {
                diskProblem = error.description
                guard let last = segments.last, last.first == last.end else { return }
                unlink(last.path)
                segments.removeLast()
            }
            return nil
        }
    }

    private func beginSegment(_ folder: String) throws(SinkFailure) {
        if settings.sync != .never { try writer?.sync() }
        writer = nil
        unsynced = nil
        let path = folder + "/" + SpoolSegment.name(first: nextFrame)
        let new = try SpoolSegmentWriter(path, SpoolFormat.SegmentHeader(origin, first: nextFrame, events: spooled))
        let segment = SpoolSegment(path: path, origin: origin, first: nextFrame, before: spooled, bytes: new.bytes)
        writer = consume new
        monitor.locked { segments.append(segment) }
    }

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
            if monitor.locked({ mark.position.frame > oldest.frame }) {
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
        enforceAge()
        tellLosses()
    }

    private func enforceAge() {
        let now = SpoolSegment.now()
        // A segment is as old as its first frame, and goes whole: so none may take long to fill.
        if let last = monitor.locked({ segments.last }), writer != nil, last.end > last.first,
            Double(now - last.begun) > max(1, settings.age / 8)
        {
            if unsynced != nil { sync() }
            writer = nil
        }
        let oldest = now - Int(settings.age)
        let isWriting = writer != nil
        monitor.locked {
            while let first = segments.first, first.begun < oldest, segments.count > 1 || !isWriting { forceOut(first) }
        }
    }

    private func enforceSize() {
        guard folder != nil else { return }
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
        let frames = takenFrame..<segment.end
        let lost = segment.after - takenCounts - gaps.counts(in: frames)
        (takenFrame, takenCounts) = (segment.end, segment.after)
        tail.drop(before: takenFrame)
        lose(lost, frames, .spoolLimit)
    }

    /// Tells the sink what it will not get, unless that is on its way already.
    func tellLosses() {
        let batch = monitor.locked { () -> EventBatch? in
            guard let untold = losses.account.untold, let batch = EventBatch.losses(untold) else { return nil }
            losses.account.tell(in: nextFrame)
            state.note(gaps, losses.account)
            return batch
        }
        guard let batch else { return }
        do throws(SinkFailure) {
            try append(batch)
        } catch {
            monitor.locked {
                losses.account.lose(before: .max)
                state.note(gaps, losses.account)
            }
        }
    }

    /// Nothing more will be appended.
    func endAppending() {
        tellLosses()
        if settings.sync != .never, unsynced != nil { sync() }
        monitor.locked {
            isEnding = true
            monitor.signal()
        }
        // All that was offered is in the books of this run.
        state.settle()
    }
}
