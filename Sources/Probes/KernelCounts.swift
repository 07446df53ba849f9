import CWire
import Model

/// What the kernel side counted of one kind of event, over all CPUs.
package struct KernelCounts: Sendable, Equatable {
    /// Events that were due, the dropped ones included.
    package var produced: UInt64 = 0
    /// Those that did not arrive, by reason.
    package var dropped: [DropReason: UInt64] = [:]

    package init() {}

    mutating func add(_ counts: mt_counts) {
        produced += counts.produced
        for reason in [DropReason.ringFull, .scratchBusy, .mapFull] {
            let count =
                switch reason {
                case .ringFull: counts.dropped.0
                case .scratchBusy: counts.dropped.1
                default: counts.dropped.2
                }
            if count > 0 { dropped[reason, default: 0] += count }
        }
    }
}
