import Collector
import Model

extension EventBatch {
    /// Loss events that tell what was in the memory of an agent that was killed.
    static func killed(_ counts: KindCounts) -> EventBatch {
        let batch = EventBatchPool(kept: 0).take()
        let now = BootClock.now()
        for kind in EventKind.allCases where counts[kind] > 0 {
            var record = SystemRecord.loss(time: now, kind: kind, reason: .killed, count: counts[kind])
            let offset = withUnsafeBytes(of: &record) { batch.append($0) }
            let time = now &+ BootClock.wallOffset()
            batch.append(Event(offset: offset, kind: .loss, time: time, process: nil, parent: nil))
        }
        return batch
    }
}
