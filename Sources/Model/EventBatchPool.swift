import Synchronization

/// Rooms for batches, used again and again, so that a batch costs no allocation of its bytes.
package final class EventBatchPool: Sendable {
    private struct Rooms: @unchecked Sendable {
        var free: [EventBatch.Room] = []
    }

    private let rooms = Mutex(Rooms())
    /// What a burst made larger is given back to the system, and so are more rooms than `kept`.
    private static let largestKept = 2 << 20
    private let kept: Int

    package init(kept: Int = 8) { self.kept = kept }

    /// An empty batch.
    package func take() -> EventBatch {
        let room = rooms.withLock { $0.free.popLast() }
        return EventBatch(room: room ?? Self.newRoom(), pool: self)
    }

    func giveBack(_ room: consuming EventBatch.Room) {
        let kept = kept
        let shared = UncheckedBox(room)
        let taken = rooms.withLock { rooms in
            guard rooms.free.count < kept, shared.value.arena.count <= Self.largestKept else { return false }
            rooms.free.append(shared.value)
            return true
        }
        if !taken { shared.value.arena.deallocate() }
    }

    private static func newRoom() -> EventBatch.Room {
        var events = ContiguousArray<Event>()
        events.reserveCapacity(1024)
        return EventBatch.Room(arena: .allocate(byteCount: 256 << 10, alignment: 8), events: events)
    }

    /// Carries a room across the lock: it has one owner at a time.
    private struct UncheckedBox: @unchecked Sendable {
        let value: EventBatch.Room

        init(_ value: EventBatch.Room) { self.value = value }
    }

    deinit {
        rooms.withLock { rooms in
            for room in rooms.free { room.arena.deallocate() }
            rooms.free = []
        }
    }
}
