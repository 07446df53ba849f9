import Model

/// What a spool lost by itself: for the books, and for the stream, which has to tell it.
struct SpoolLosses {
    /// Of this run's events.
    private(set) var own = OutputCounts()
    /// Of those that earlier runs left.
    private(set) var earlier = OutputCounts()
    /// What the sink is told.
    var account: SpoolLossAccount

    init(_ account: SpoolLossAccount = SpoolLossAccount()) { self.account = account }

    /// Counts a loss; `reason` is one of an output's own.
    mutating func add(_ counts: KindCounts, _ reason: DropReason, isOwn: Bool) {
        if isOwn { own.add(counts, reason) } else { earlier.add(counts, reason) }
        account.add(counts, reason)
    }

    /// Notes for the books what is in the account already.
    mutating func noteEarlier(_ counts: KindCounts, _ reason: DropReason) { earlier.add(counts, reason) }

    /// The frames before this one are with the sink.
    mutating func acknowledge(before frame: UInt64) { account.acknowledge(before: frame) }
}

/// What was lost since the spool was made, and how much of that the sink knows: kept with the spool, so that whatever ends
/// an agent, the next one tells the rest.
struct SpoolLossAccount {
    /// Numbers by reason and kind, as the state keeps them.
    typealias Table = InlineArray<160, UInt64>

    /// The place of a kind in the row of a reason.
    private static func index(_ row: Int, _ kind: EventKind) -> Int { KindCounts.room * row + Int(kind.rawValue) }

    private var lost = Table(repeating: 0)
    /// What the sink has been told.
    private var told = Table(repeating: 0)
    /// What it will have been told when it has `frame`; 0: nothing is on its way.
    private var pending = Table(repeating: 0)
    private var frame: UInt64 = 0

    init() {}

    init(lost: Table, told: Table, pending: Table, frame: UInt64) {
        (self.lost, self.told, self.pending, self.frame) = (lost, told, pending, frame)
    }

    /// As the state keeps it.
    var stored: (lost: Table, told: Table, pending: Table, frame: UInt64) { (lost, told, pending, frame) }

    /// Counts a loss; what tells losses is no loss to be told.
    mutating func add(_ counts: KindCounts, _ reason: DropReason) {
        guard let row = OutputCounts.reasons.firstIndex(of: reason) else { return }
        for kind in EventKind.allCases where kind != .loss { lost[Self.index(row, kind)] &+= counts[kind] }
    }

    /// What the sink is to be told; nil when that is nothing, or when something is on its way to it.
    var untold: [DropReason: KindCounts]? {
        guard frame == 0 else { return nil }
        var rest: [DropReason: KindCounts] = [:]
        for (row, reason) in OutputCounts.reasons.enumerated() {
            var counts = KindCounts()
            for kind in EventKind.allCases {
                let index = Self.index(row, kind)
                counts[kind] = lost[index] > told[index] ? lost[index] - told[index] : 0
            }
            if counts.total > 0 { rest[reason] = counts }
        }
        return rest.isEmpty ? nil : rest
    }

    /// All of it is told in this frame.
    mutating func tell(in frame: UInt64) {
        pending = lost
        self.frame = frame
    }

    /// The frames before this one are with the sink.
    mutating func acknowledge(before frame: UInt64) {
        guard self.frame != 0, self.frame < frame else { return }
        told = pending
        self.frame = 0
    }

    /// The frames before this one are gone: what was told in them is to be told again.
    mutating func lose(before frame: UInt64) {
        if self.frame < frame { self.frame = 0 }
    }

    /// Only the frames that `isThere` says are there.
    mutating func check(_ isThere: (UInt64) -> Bool) {
        if frame != 0, !isThere(frame) { frame = 0 }
    }
}
