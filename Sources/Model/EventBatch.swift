import CWire

/// Events in the order of their time, with their records: filled by one thread, then immutable and shared.
package final class EventBatch: @unchecked Sendable {
    /// The room that a batch takes from its pool and gives back.
    struct Room {
        var arena: UnsafeMutableRawBufferPointer
        var events: ContiguousArray<Event>
        /// How many bytes of records there are.
        var used = 0
    }

    // Behind a pointer, because the compiler checks each access to a variable of a class while the program runs.
    private let room: UnsafeMutablePointer<Room>
    /// Nil: the room is this batch's own, and goes with it.
    private let pool: EventBatchPool?

    init(room: consuming Room, pool: EventBatchPool?) {
        self.room = .allocate(capacity: 1)
        self.room.initialize(to: room)
        self.pool = pool
    }

    deinit {
        var room = room.move()
        self.room.deallocate()
        room.events.removeAll(keepingCapacity: true)
        room.used = 0
        if let pool { pool.giveBack(room) } else { room.arena.deallocate() }
    }

    package var events: ContiguousArray<Event> {
        _read { yield room.pointee.events }
    }

    /// All records, also of events that a filter took out: each begins at a multiple of 8.
    package var records: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: room.pointee.arena.baseAddress, count: room.pointee.used)
    }

    /// The record of one of its events.
    @inline(__always)
    package func record(_ event: borrowing Event) -> Record { record(at: event.offset) }

    @inline(__always)
    private func record(at offset: Int) -> Record {
        Record(
            checked: UnsafeRawBufferPointer(
                start: room.pointee.arena.baseAddress.unsafelyUnwrapped + offset,
                count: room.pointee.used - offset
            )
        )
    }

    /// Copies a record's bytes in and returns where they are. Costs an allocation only when the room must grow.
    package func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let offset = room.pointee.used
        let end = offset + (bytes.count + 7) & ~7
        if end > room.pointee.arena.count { room.pointee.grow(to: end) }
        let to = room.pointee.arena.baseAddress.unsafelyUnwrapped + offset
        if let from = bytes.baseAddress { to.copyMemory(from: from, byteCount: bytes.count) }
        for padding in bytes.count..<end - offset { (to + padding).storeBytes(of: 0, as: UInt8.self) }
        room.pointee.used = end
        return offset
    }

    /// Checks the record that lies at `offset`.
    package func check(_ offset: Int, _ count: Int) throws(RecordError) -> Record {
        try Record(UnsafeRawBufferPointer(rebasing: room.pointee.arena[offset..<offset + count]))
    }

    /// Takes back what the last `append` put in: the record was no good.
    package func removeLast(from offset: Int) { room.pointee.used = offset }

    /// Adds an event whose record is in already.
    package func append(_ event: consuming Event) { room.pointee.events.append(event) }

    /// Bytes of memory that it holds, executions left out.
    package var footprint: Int {
        room.pointee.arena.count + room.pointee.events.capacity * MemoryLayout<Event>.stride + 256
    }

    /// For a batch that may have to wait: itself when it is well filled, otherwise a copy of just its events, so that the
    /// room goes back to the pool. Costs a copy of the records that stay.
    package func slim() -> EventBatch {
        let events = room.pointee.events
        let size = events.reduce(0) { $0 + (record($1).bytes.count + 7) & ~7 }
        return 4 * size > room.pointee.arena.count ? self : copy(size) { _ in true }
    }

    /// A copy with only the events of a kind.
    package func copy(of kind: EventKind) -> EventBatch { copy(0) { $0.kind == kind } }

    /// A copy without the first so many events; itself when that is none.
    package func suffix(from count: Int) -> EventBatch { count == 0 ? self : copy(0, from: count) { _ in true } }

    private func copy(_ size: Int, from first: Int = 0, _ keep: (borrowing Event) -> Bool) -> EventBatch {
        let room = Room(
            arena: .allocate(byteCount: max(size, 64), alignment: 8),
            events: ContiguousArray<Event>()
        )
        let batch = EventBatch(room: room, pool: nil)
        for event in events[min(first, events.count)...] where keep(event) {
            let offset = batch.append(record(event).bytes)
            batch.append(
                Event(
                    offset: offset,
                    kind: event.kind,
                    time: event.time,
                    process: event.process,
                    parent: event.parent,
                    rules: event.rules
                )
            )
        }
        return batch
    }

    /// Notes which rules events match, and takes those out that are not wanted; the records stay.
    ///
    /// - Parameter judge: what an event matches; nil: it is not wanted.
    package func judge(_ judge: (borrowing Event, Record) -> MatchedRules??) {
        var end = 0
        for index in room.pointee.events.indices {
            let offset = room.pointee.events[index].offset
            guard let rules = judge(room.pointee.events[index], record(at: offset)) else { continue }
            if let rules { room.pointee.events[index].rules = rules }
            if end < index { room.pointee.events.swapAt(end, index) }
            end += 1
        }
        room.pointee.events.removeLast(room.pointee.events.count - end)
    }

    /// Keeps the events that `keep` says; the records stay. Returns how many went.
    package func filter(_ keep: (borrowing Event, Record) -> Bool) -> Int {
        let before = room.pointee.events.count
        room.pointee.events.removeAll { !keep($0, record(at: $0.offset)) }
        return before - room.pointee.events.count
    }
}

extension EventBatch.Room {
    fileprivate mutating func grow(to count: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 2 * arena.count), alignment: 8)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(arena)[..<used]))
        arena.deallocate()
        arena = larger
    }
}
