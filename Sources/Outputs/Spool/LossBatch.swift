import Collector
import Model

extension EventBatch {
    /// Loss events that tell what a spool lost; nil when that is nothing.
    static func losses(_ losses: [DropReason: KindCounts]) -> EventBatch? {
        let batch = EventBatchPool(kept: 0).take()
        let now = BootClock.now()
        let time = now &+ BootClock.wallOffset()
        for reason in DropReason.allCases {
            guard let counts = losses[reason] else { continue }
            for kind in EventKind.allCases where counts[kind] > 0 {
                var record = SystemRecord.loss(time: now, kind: kind, reason: reason, count: counts[kind])
                let offset = withUnsafeBytes(of: &record) { batch.append($0) }
                batch.append(Event(offset: offset, kind: .loss, time: time, process: nil, parent: nil))
            }
        }
        return batch.events.isEmpty ? nil : batch
    }
}
