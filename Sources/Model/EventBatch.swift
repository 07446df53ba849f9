import CWire

/// Events in the order of their time, with their records: filled by one thread, then immutable and shared.
package final class EventBatch: @unchecked Sendable {
    /// The room that a batch takes from its pool and gives back.
    struct Room {
        var arena: UnsafeMutableRawBufferPointer
        var events: ContiguousArray<Event>
    }

    // Apart, so that events can be looked at while their list changes.
    private var arena: UnsafeMutableRawBufferPointer
    package private(set) var events: ContiguousArray<Event>
    private let pool: EventBatchPool
    /// How many bytes of records there are.
    package private(set) var used = 0

    init(room: Room, pool: EventBatchPool) {
        arena = room.arena
        events = room.events
        self.pool = pool
    }

    deinit {
        events.removeAll(keepingCapacity: true)
        pool.giveBack(Room(arena: arena, events: events))
    }

    /// All records, also of events that a filter took out: each begins at a multiple of 8.
    package var records: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(arena)[..<used])
    }

    /// The record of one of its events.
    package func record(_ event: borrowing Event) -> Record {
        Record(checked: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(arena)[event.offset...]))
    }

    /// Copies a record's bytes in and returns where they are. Costs an allocation only when the room must grow.
    package func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let offset = used
        let end = offset + (bytes.count + 7) & ~7
        if end > arena.count { grow(to: end) }
        UnsafeMutableRawBufferPointer(rebasing: arena[offset..<offset + bytes.count]).copyMemory(from: bytes)
        for padding in offset + bytes.count..<end { arena[padding] = 0 }
        used = end
        return offset
    }

    /// Checks the record that lies at `offset`.
    package func check(_ offset: Int, _ count: Int) throws(RecordError) -> Record {
        try Record(UnsafeRawBufferPointer(rebasing: arena[offset..<offset + count]))
    }

    /// Takes back what the last `append` put in: the record was no good.
    package func removeLast(from offset: Int) { used = offset }

    /// Adds an event whose record is in already.
    package func append(_ event: consuming Event) { events.append(event) }

    /// Keeps the events that `keep` says; the records stay. Returns how many went.
    package func filter(_ keep: (borrowing Event, Record) -> Bool) -> Int {
        let before = events.count
        events.removeAll { !keep($0, record($0)) }
        return before - events.count
    }

    private func grow(to count: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 2 * arena.count), alignment: 8)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(arena)[..<used]))
        arena.deallocate()
        arena = larger
    }
}
