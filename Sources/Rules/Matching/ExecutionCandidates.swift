import Model

/// Which rules the fields of a process and of its parent lead to: looked up once for an execution, and kept for its next event.
struct ExecutionCandidates {
    private struct Slot {
        let process: Execution
        let parent: Execution?
        let entries: [Int32]
    }

    /// By the process' number: a newer one takes the place of an older one.
    private var slots: ContiguousArray<Slot?> = []
    private static let count = 128

    /// What was kept for the process of an event; nil: nothing.
    func entries(of event: borrowing Event) -> [Int32]? {
        guard let process = event.process, !slots.isEmpty, let slot = slots[Self.place(process)] else { return nil }
        return slot.process === process && slot.parent === event.parent ? slot.entries : nil
    }

    /// Keeps what was found for the process of an event.
    mutating func keep(_ entries: [Int32], of event: borrowing Event) {
        guard let process = event.process else { return }
        if slots.isEmpty { slots = ContiguousArray(repeating: nil, count: Self.count) }
        slots[Self.place(process)] = Slot(process: process, parent: event.parent, entries: entries)
    }

    private static func place(_ process: Execution) -> Int { Int(process.id.tgid) & (count - 1) }
}
