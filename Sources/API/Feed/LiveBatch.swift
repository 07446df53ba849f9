import Model

/// The events of a batch as they were before the outputs' filter, for clients, who have filters of their own.
struct LiveBatch: @unchecked Sendable {
    // Immutable both: the batch was handed over, and taking events out of it takes them out of its own array.
    let batch: EventBatch
    let events: ContiguousArray<Event>

    init(_ batch: EventBatch) {
        self.batch = batch
        events = batch.events
    }
}
