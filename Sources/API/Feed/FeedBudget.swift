import Synchronization

/// The memory that waits for all clients together: slow ones share it, and take nothing from those that read.
package final class FeedBudget: Sendable {
    /// Bytes of all clients' queues, and of one; each may have `least`, whatever the others have.
    package static let limit = 128 << 20
    package static let limitOfOne = 32 << 20
    package static let least = 1 << 20

    private let used = Atomic<Int>(0)

    package init() {}

    /// Whether a queue of `own` bytes may take so many more.
    package func allows(_ bytes: Int, beside own: Int) -> Bool {
        own + bytes <= Self.least
            || own + bytes <= Self.limitOfOne && used.load(ordering: .relaxed) + bytes <= Self.limit
    }

    package func add(_ bytes: Int) { used.add(bytes, ordering: .relaxed) }

    package func remove(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}
