import Model

/// The latest batches of a spool, in memory: those that are not taken yet.
struct SpoolTail {
    private struct Entry {
        let frame: UInt64
        /// Nil: on disk only.
        var taken: Spool.Taken?
        let isOnDisk: Bool
        let bytes: Int
    }

    private var entries: [Entry] = []
    /// Those before are gone; the array is shortened now and then.
    private var head = 0
    /// Those before are in memory alone, or on disk alone.
    private var trimmed = 0
    /// Bytes of memory that they hold.
    private(set) var bytes = 0

    var isEmpty: Bool { head == entries.count }

    /// The first one that is in memory.
    var first: Spool.Taken? {
        guard let entry = entries[head...].first(where: { $0.taken != nil }) else { return nil }
        return entry.taken
    }

    mutating func append(_ taken: Spool.Taken, isOnDisk: Bool) {
        let size = taken.spooled.batch.footprint
        entries.append(Entry(frame: taken.spooled.frame, taken: taken, isOnDisk: isOnDisk, bytes: size))
        bytes += size
    }

    /// Forgets the oldest that are on disk as well, as long as there are more bytes than `limit`; never the latest one.
    mutating func trim(to limit: Int) {
        trimmed = max(trimmed, head)
        while bytes > limit, trimmed < entries.count - 1 {
            if entries[trimmed].isOnDisk, entries[trimmed].taken != nil {
                bytes -= entries[trimmed].bytes
                entries[trimmed].taken = nil
            }
            trimmed += 1
        }
        while head < entries.count, entries[head].taken == nil { drop() }
    }

    /// The batch of this frame, when it is in memory; it is not here any more then.
    mutating func take(_ frame: UInt64) -> Spool.Taken? {
        drop(before: frame)
        guard head < entries.count, entries[head].frame == frame else { return nil }
        let taken = entries[head].taken
        drop()
        return taken
    }

    /// Forgets all before this frame.
    mutating func drop(before frame: UInt64) {
        while head < entries.count, entries[head].frame < frame { drop() }
    }

    private mutating func drop() {
        if entries[head].taken != nil { bytes -= entries[head].bytes }
        entries[head].taken = nil
        head += 1
        if head > 1024 || head == entries.count {
            entries.removeFirst(head)
            trimmed = max(0, trimmed - head)
            head = 0
        }
    }
}
