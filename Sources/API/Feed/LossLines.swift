import Collector
import Formats
import Model

/// What a client did not get, as the events that tell of losses.
enum LossLines {
    /// A line for each kind.
    static func of(_ counts: KindCounts, _ request: SubscriptionRequest, node: String) -> [UInt8] {
        let batch = EventBatchPool(kept: 0).take()
        let now = BootClock.now()
        for kind in EventKind.allCases where counts[kind] > 0 {
            let record = SystemRecord.loss(time: now, kind: kind, reason: .queueFull, count: counts[kind])
            let offset = withUnsafeBytes(of: record) { batch.append($0) }
            let time = now &+ BootClock.wallOffset()
            batch.append(Event(offset: offset, kind: .loss, time: time, process: nil, parent: nil))
        }
        var writer = request.format.makeWriter(node: node, colored: request.colored)
        var lines: [UInt8] = []
        writer.write(batch) { bytes, _ in
            lines += bytes
            return true
        }
        return lines
    }
}
