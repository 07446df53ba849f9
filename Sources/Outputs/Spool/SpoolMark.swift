import Model

/// How far a sink is in a spool, by events of each kind.
struct SpoolMark {
    var position = SpoolPosition(frame: 1, events: 0)
    /// What the stream had before that frame.
    var counts = KindCounts()
    /// What the sink has of that frame.
    var part = KindCounts()

    init() {}

    init(_ stored: SpoolState.Mark) {
        position = SpoolPosition(frame: stored.frame, events: Int(clamping: stored.events))
        counts = KindCounts(stored.counts)
    }

    /// As the state keeps it.
    var stored: SpoolState.Mark {
        SpoolState.Mark(
            frame: position.frame,
            events: UInt64(position.events),
            counts: counts.values
        )
    }
}
