import CWire
import Model

/// Records that user space makes, so that a recording holds everything that the pipeline was fed.
package enum SystemRecord {
    /// The wall clock moved.
    static func clock(time: UInt64, wallOffset: UInt64) -> mt_clock {
        mt_clock(header: header(.clock, MemoryLayout<mt_clock>.size, time), wall: wallOffset)
    }

    /// Events were lost.
    package static func loss(time: UInt64, kind: EventKind?, reason: DropReason, count: UInt64) -> mt_loss {
        mt_loss(
            header: header(.loss, MemoryLayout<mt_loss>.size, time),
            kind: UInt32(kind?.rawValue ?? 0),
            reason: UInt32(reason.rawValue),
            count: count
        )
    }

    static func header(_ kind: EventKind, _ length: Int, _ time: UInt64) -> mt_header {
        var header = mt_header()
        header.length = UInt32(length)
        header.kind = kind.rawValue
        header.time = time
        return header
    }
}
