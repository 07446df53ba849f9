import Glibc
import Logging
import Model

/// What earlier runs left in a spool's folder, and what of their events is missing.
struct SpoolRecovery {
    private(set) var segments: [SpoolSegment]
    private(set) var nextFrame: UInt64
    /// What the frames had, as far as somebody has them.
    private(set) var spooled: KindCounts
    private(set) var mark: SpoolMark
    /// What is gone behind the mark, and accounted for.
    private(set) var gone: KindCounts
    /// What was in the memory of an agent that was killed, and not told yet.
    private(set) var killed: KindCounts

    /// Looks through the folder, and brings the state up to what is there.
    init(_ folder: String, _ state: SpoolState, _ logger: Logger) {
        var page = state.page
        segments = Self.find(folder, logger)
        let stored = state.isNew ? nil : state.acknowledged
        if state.wasDamaged || !state.isNew && stored == nil {
            logger.error("\(folder)/state: damaged: where the sink was is not known, and it may get events again")
        }
        if let stored {
            mark = SpoolMark(stored)
        } else {
            // It gets all that there is.
            mark = SpoolMark()
            mark.position.frame = segments.first?.first ?? page.nextFrame
            mark.counts = segments.first?.before ?? KindCounts(page.spooled)
            mark.gone = KindCounts(page.gone)
        }
        let confirmed = mark.position.frame
        segments.removeAll { segment in
            guard segment.end <= confirmed else { return false }
            unlink(segment.path)
            return true
        }
        nextFrame = max(page.nextFrame, segments.last?.end ?? 1, confirmed)
        gone = KindCounts(page.gone) - mark.gone
        spooled = (segments.last?.after ?? KindCounts()).maximum(mark.counts + gone)
        // A frame is written first and noted then. One that was noted and is not there was in memory alone, or lost with the
        // machine.
        killed = page.killedFrame < nextFrame ? KindCounts() : KindCounts(page.killed)
        let offered = KindCounts(page.offered) - KindCounts(page.refused)
        if !state.isNew { killed += offered.maximum(KindCounts(page.spooled)) - spooled }
        page.nextFrame = nextFrame
        page.spooled = spooled.values
        page.offered = spooled.values
        page.refused = KindCounts().values
        page.killed = killed.values
        page.killedFrame = nextFrame
        state.page = page
        state.note(acknowledged: mark.stored)
    }

    private static func find(_ folder: String, _ logger: Logger) -> [SpoolSegment] {
        var segments: [SpoolSegment] = []
        for name in names(folder) {
            let path = folder + "/" + name
            if let segment = SpoolSegment(path: path), segment.first >= segments.last?.end ?? 0 {
                if segment.end > segment.first { segments.append(segment) } else { unlink(path) }
            } else if let file = SpoolFile(reading: path), file.size < MemoryLayout<SpoolFormat.SegmentHeader>.size {
                // Begun when the end came: there was never anything in it.
                unlink(path)
            } else {
                // Kept, for whoever wants to look at it.
                rename(path, path + ".unreadable")
                logger.error("\(path): damaged, or of another version: put aside as \(name).unreadable")
            }
        }
        return segments
    }

    /// The segments' names, by their first frames.
    static func names(_ folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(SpoolSegment.suffix) { names.append(name) }
        }
        return names.sorted()
    }
}
