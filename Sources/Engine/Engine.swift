import Model

/// Takes each batch through the filter of the outputs, before it is handed over and never changes again.
package struct Engine {
    private var filter: EventFilter
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
