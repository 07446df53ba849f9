import Synchronization

/// How many connections there are.
final class ConnectionCount: Sendable {
    private let count = Atomic<Int>(0)

    /// Counts one; false when there are more than `limit` now.
    func add(upTo limit: Int) -> Bool { count.add(1, ordering: .relaxed).newValue <= limit }

    func remove() { count.subtract(1, ordering: .relaxed) }
}
