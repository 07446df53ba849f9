import Collector
import Model

/// What was in batches that were written, and how long it took.
struct Tally {
    private(set) var counts = KindCounts()
    private(set) var latencies = LatencyHistogram()

    /// Counts some events of a batch by kind, and how long ago their hooks were.
    mutating func add(_ batch: EventBatch, _ range: Range<Int>) {
        let now = BootClock.now()
        let events = batch.events
        // By index: an event taken out of the array would have its executions counted.
        for index in range {
            let kind = events[index].kind
            counts[kind] += 1
            guard kind.isToldByHooks else { continue }
            let time = batch.record(events[index]).header.time
            latencies.add(nanoseconds: now > time ? now - time : 0)
        }
    }
}

extension EventBatch {
    /// How many of some of its events are of each kind.
    func counts(_ range: Range<Int>) -> KindCounts {
        var counts = KindCounts()
        for index in range { counts[events[index].kind] += 1 }
        return counts
    }
}
