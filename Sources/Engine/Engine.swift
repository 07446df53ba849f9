import Model
import Rules

/// Takes each batch through what decides about its events, before it is handed over and never changes again.
package struct Engine {
    private var filter: EventFilter
    /// Nil: there are none, and everything passes.
    private var rules: RuleMatcher?
    /// How many more events may pass; nil: any number.
    private var remaining: Int?
    /// Events that were not wanted, by kind.
    package private(set) var filtered = KindCounts()

    package init(filter: EventFilter, count: Int? = nil) {
        self.filter = filter
        remaining = count
    }

    /// Has another filter decide from the next batch on.
    package mutating func apply(_ filter: EventFilter) { self.filter = filter }

    /// Has other rules decide from the next batch on; those that stay go on counting.
    package mutating func apply(_ rules: RuleMatcher?) {
        if let rules, let before = self.rules { rules.takeCounts(of: before) }
        self.rules = rules
    }

    /// How many events each rule matched, and how many of them its rate limit kept back; in their order.
    package var ruleCounts: [(matched: UInt64, suppressed: UInt64)] {
        guard let rules else { return [] }
        return zip(rules.matched, rules.suppressed).map { (matched: $0, suppressed: $1) }
    }

    /// Notes the rules that events match, and takes those out of the batch that no rule wants.
    package mutating func match(_ batch: EventBatch) {
        guard let rules else { return }
        var filtered = filtered
        batch.judge { event, record in
            let verdict = rules.judge(event, record)
            if verdict == nil { filtered[event.kind] += 1 }
            return verdict
        }
        self.filtered = filtered
    }

    /// True when as many events have passed as were asked for.
    package var isDone: Bool { remaining == 0 }

    /// Takes the events that are not wanted out of the batch.
    package mutating func process(_ batch: EventBatch) {
        var filtered = filtered
        var remaining = remaining
        let filter = filter
        _ = batch.filter { event, record in
            let passes = remaining != 0 && filter.passes(event, record)
            if passes { remaining = remaining.map { $0 - 1 } } else { filtered[event.kind] += 1 }
            return passes
        }
        self.filtered = filtered
        self.remaining = remaining
    }
}
