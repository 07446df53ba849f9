import Model

/// What became of the events that an output was offered.
package struct OutputCounts: Sendable {
    package var delivered = KindCounts()
    /// In the spool, for the next start or for later.
    package var waiting = KindCounts()
    /// Lost: there was no room in the queue.
    package var queueFull = KindCounts()
    /// Lost: the sink refused them.
    package var failed = KindCounts()
    /// Lost: they waited for too long, or too many did.
    package var forcedOut = KindCounts()
    /// Lost: the spool's file was damaged.
    package var damaged = KindCounts()
    /// Lost: they were in the memory of an agent that was killed.
    package var killed = KindCounts()

    package init() {}

    /// The reasons for which an output loses events by itself.
    package static let reasons: [DropReason] = [.queueFull, .sinkFailed, .spoolLimit, .spoolDamaged, .killed]

    /// What was lost for one of these.
    package func lost(_ reason: DropReason) -> KindCounts {
        switch reason {
        case .queueFull: queueFull
        case .sinkFailed: failed
        case .spoolLimit: forcedOut
        case .spoolDamaged: damaged
        case .killed: killed
        case .ringFull, .scratchBusy, .mapFull, .reentered, .decode: KindCounts()
        }
    }

    /// Counts events as lost for one of these.
    package mutating func add(_ counts: KindCounts, _ reason: DropReason) {
        switch reason {
        case .queueFull: queueFull += counts
        case .sinkFailed: failed += counts
        case .spoolLimit: forcedOut += counts
        case .spoolDamaged: damaged += counts
        case .killed: killed += counts
        case .ringFull, .scratchBusy, .mapFull, .reentered, .decode: break
        }
    }

    /// All that was lost, whatever the reason.
    package var lostTotal: UInt64 { Self.reasons.reduce(0) { $0 + lost($1).total } }

    package static func += (a: inout OutputCounts, b: OutputCounts) {
        a.delivered += b.delivered
        a.waiting += b.waiting
        a.queueFull += b.queueFull
        a.failed += b.failed
        a.forcedOut += b.forcedOut
        a.damaged += b.damaged
        a.killed += b.killed
    }
}
