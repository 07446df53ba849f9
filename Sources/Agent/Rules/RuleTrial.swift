import Collector
import Formats
import Model
import Rules

/// Holds a recording against rules, on any machine and without privileges.
package struct RuleTrial {
    /// How many events the recording has.
    package private(set) var events: UInt64 = 0
    /// How many of them no rule wants.
    package private(set) var unwanted: UInt64 = 0
    /// How many each rule matched, and how many of them its rate limit kept back; in their order.
    package private(set) var counts: [(name: String, matched: UInt64, suppressed: UInt64)] = []
    /// Why the recording ended before its end.
    package private(set) var failure: RecordingError?

    /// - Parameters:
    ///   - show: gets the lines of events that match, a batch's at once.
    package init(
        _ rules: RuleSet,
        recording path: String,
        format: EventFormat,
        colored: Bool,
        show: (UnsafeRawBufferPointer) -> Void
    ) throws(RecordingError) {
        var reader = try RecordingReader(path: path)
        let matcher = RuleMatcher(rules)
        let pool = EventBatchPool()
        var builder = EventBuilder(node: reader.node)
        var writer = format.makeWriter(node: reader.node, colored: colored)
        do {
            var more = true
            while more {
                let batch = pool.take()
                more = try reader.next { builder.accept($0, into: batch) }
                let before = batch.events.count
                matcher.process(batch)
                events += UInt64(before)
                unwanted += UInt64(before - batch.events.count)
                writer.write(batch.events, of: batch, where: { event, _ in event.rules != nil }) { lines, _ in
                    show(lines)
                }
            }
        } catch {
            failure = error
        }
        counts = rules.rules.indices.map { index in
            (rules.rules[index].name, matcher.matched[index], matcher.suppressed[index])
        }
    }
}
