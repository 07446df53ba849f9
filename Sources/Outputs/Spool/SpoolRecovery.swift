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
    /// What will never be delivered, and is accounted for.
    private(set) var gaps: SpoolGaps
    /// What was lost, and what the sink knows of it; `missing` is in it.
    private(set) var account: SpoolLossAccount
    /// What an earlier agent took, and left nowhere.
    private(set) var missing: KindCounts
    /// Why: it was killed, or ended in order and somebody changed the files since.
    let reason: DropReason

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
        }
        let confirmed = mark.position.frame
        segments.removeAll { segment in
            guard segment.end <= confirmed else { return false }
            unlink(segment.path)
            return true
        }
        nextFrame = max(page.nextFrame, segments.last?.end ?? 1, confirmed)
        gaps = SpoolGaps(page.gaps)
        gaps.forget(before: confirmed)
        let behind = gaps.counts(in: confirmed..<max(nextFrame, confirmed))
        spooled = (segments.last?.after ?? KindCounts()).maximum(
            mark.counts + (segments.isEmpty ? behind : KindCounts())
        )
        // A frame is written first and noted then. One that was noted and is not there was in memory alone, or lost with the
        // machine.
        let offered = KindCounts(page.offered) - KindCounts(page.refused)
        missing = state.isNew ? KindCounts() : offered.maximum(KindCounts(page.spooled)) - spooled
        reason = page.isClosed == 1 ? .spoolDamaged : .killed
        account = SpoolLossAccount(lost: page.lost, told: page.told, pending: page.telling, frame: page.tellingFrame)
        account.acknowledge(before: confirmed)
        let segments = segments
        account.check { frame in segments.contains { $0.first <= frame && frame < $0.end } }
        account.add(missing, reason)
        page.nextFrame = nextFrame
        page.spooled = spooled.values
        page.offered = spooled.values
        page.refused = KindCounts().values
        page.isClosed = 0
        let table = account.stored
        (page.lost, page.told, page.telling, page.tellingFrame) = (
            table.lost, table.told, table.pending, table.frame
        )
        page.gaps = gaps.stored
        state.page = page
        state.note(acknowledged: mark.stored)
    }

    private static func find(_ folder: String, _ logger: Logger) -> [SpoolSegment] {
        var segments: [SpoolSegment] = []
        for name in names(folder) {
            let path = folder + "/" + name
            if let segment = SpoolSegment(path: path), segment.first >= segments.last?.end ?? 0 {
                if segment.end > segment.first {
                    segments.append(segment)
                } else if segment.bytes > MemoryLayout<SpoolFormat.SegmentHeader>.size {
                    putAside(path, logger)
                } else {
                    unlink(path)
                }
            } else if let file = SpoolFile(reading: path), file.size < MemoryLayout<SpoolFormat.SegmentHeader>.size {
                // Begun when the end came: there was never anything in it.
                unlink(path)
            } else {
                putAside(path, logger)
            }
        }
        return segments
    }

    /// Keeps a file for whoever wants to look at it.
    private static func putAside(_ path: String, _ logger: Logger) {
        rename(path, path + ".unreadable")
        logger.error("\(path): damaged, or of another version: put aside as \(path).unreadable")
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
