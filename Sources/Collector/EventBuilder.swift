import CWire
import Model

/// Records in, events out: the part of the way that does not care where records come from.
///
/// Live and replay both go through here, in the same order, and so come to the same events.
package struct EventBuilder: ~Copyable {
    private var table: ProcessTable
    private var wallOffset: UInt64 = 0
    /// Records that were no good.
    package private(set) var refused: UInt64 = 0
    /// Records that came after the hold.
    package private(set) var late: UInt64 = 0
    /// Events that were built, by kind.
    package private(set) var built = KindCounts()

    /// The number of the last heartbeat that came back.
    package private(set) var lastHeartbeat: UInt32 = 0

    package init(node: String) {
        table = ProcessTable(node: node)
    }

    /// Notes containers that are new from now on, for `takeUnnamedContainers`.
    package mutating func noteUnnamedContainers() { table.containers.notesUnnamed = true }

    /// Notes containers that are new, named or forgotten from now on, for `takeContainerChanges`.
    package mutating func noteContainerChanges() { table.containers.notesChanges = true }

    /// Containers that are new, named or forgotten since the last call. Costs nothing when there are none.
    package mutating func takeContainerChanges() -> (changed: [Container], gone: [Container])? {
        table.containers.hasChanges ? table.containers.takeChanges() : nil
    }

    /// Containers whose engine may know a name, and that have come since the last call. Costs nothing when there are none.
    package mutating func takeUnnamedContainers() -> [Container] {
        table.containers.unnamed.isEmpty ? [] : table.containers.takeUnnamed()
    }

    /// How many containers are known.
    package var containerCount: Int { table.containers.count }

    /// How many processes are known.
    package var processCount: Int { table.count }

    /// Calls `body` with what each living process runs, and what its parent ran.
    package borrowing func forEachProcess(_ body: (Execution, Execution?) -> Void) { table.forEach(body) }

    /// Copies a record into the batch and adds its event. Allocates only for a new execution.
    package mutating func accept(_ bytes: UnsafeRawBufferPointer, late isLate: Bool = false, into batch: EventBatch) {
        let offset = batch.append(bytes)
        guard var record = try? batch.check(offset, bytes.count) else {
            batch.removeLast(from: offset)
            refused += 1
            return
        }
        if isLate { record.markLate() }
        let header = record.header
        if header.flags & UInt16(MT_FLAG_LATE) != 0 { late += 1 }
        let kind = record.kind
        if kind == .clock { wallOffset = record.clock.pointee.wall }
        let who = table.accept(record, wallOffset: wallOffset)
        if kind == .heartbeat { lastHeartbeat = record.heartbeat.pointee.number }
        guard kind != .clock else { return }
        built[kind] += 1
        batch.append(
            Event(offset: offset, kind: kind, time: header.time &+ wallOffset, process: who.process, parent: who.parent)
        )
    }
}
