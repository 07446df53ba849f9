import CWire
import Engine
import Formats
import Model
import PostgresLink

/// Rows of our own tables: one for each event, and one a day for each execution that they name.
final class MartletRows: PostgresRows {
    /// An execution's row: there is one for each day that has events of it.
    private struct RowID: Hashable {
        let execution: Execution.ID
        let day: Int32
    }

    private var origin = StreamOrigin(node: "", boot: [], start: 0)
    private var format = JSONFormat(node: "")
    /// `host`, `boot`, `agent_start`.
    private var originColumns = Bytes([])
    private var known: [RowID: ExecutionColumns] = [:]
    /// Beyond so many all are forgotten, and written again.
    private static let limit = 1 << 15

    private var events = CopyBuffer(capacity: MartletRows.piece + MartletRows.piece / 8)
    private var executions = CopyBuffer(capacity: 64 << 10)
    private var scratch = CopyBuffer(capacity: 4 << 10)
    private static let eventColumns = PostgresRelation.events.columns.count
    private static let executionColumns = PostgresRelation.executions.columns.count

    func begin(_ origin: StreamOrigin) {
        guard origin != self.origin else { return }
        // An id has the node's name in it.
        if origin.node != self.origin.node {
            known.removeAll()
            format = JSONFormat(node: origin.node)
        }
        self.origin = origin
        scratch.clear()
        append(host: &scratch)
        if origin.boot.count == 16 {
            origin.boot.withUnsafeBytes { scratch.append(raw: $0) }
        } else {
            scratch.appendNull()
        }
        scratch.append(Int64(truncatingIfNeeded: origin.start))
        originColumns = Bytes(scratch.bytes)
    }

    private func append(host buffer: inout CopyBuffer) {
        var node = origin.node
        node.withUTF8 { buffer.append(text: UnsafeRawBufferPointer($0)) }
    }

    var isFull: Bool { events.count >= Self.piece || executions.count >= Self.piece }

    func take() -> [PostgresMessage] {
        var messages: [PostgresMessage] = []
        if executions.count > 0 { messages.append(.copy(.executions, Array(executions.bytes))) }
        if events.count > 0 { messages.append(.copy(.events, Array(events.bytes))) }
        executions.clear()
        events.clear()
        return messages
    }

    func forget() {
        executions.clear()
        events.clear()
        known.removeAll()
    }

    func add(_ event: borrowing Event, _ record: Record) {
        let header = record.header
        let day = PostgresTime.day(event.time)
        let parent = event.parent.map { columns(of: $0, on: day) }
        let process = event.process.map { columns(of: $0, on: day) }
        events.beginRow(columns: Self.eventColumns)
        events.append(PostgresTime.timestamp(event.time))
        events.append(event.kind.name)
        events.append(columns: originColumns.buffer)
        events.append(Int32(header.cpu))
        events.append(Int64(truncatingIfNeeded: header.sequence))
        if let owner = event.process, let process {
            events.append(Int64(header.tgid))
            events.append(record.tid.map { Int64($0) })
            events.append(Int64(record.user(of: owner)))
            events.append(columns: process.id.buffer)
            if let parent {
                events.append(columns: parent.id.buffer)
            } else {
                append(owner.parentID, to: &events)
            }
            events.append(columns: process.place.buffer)
            events.append(text: EventFilter.path(event.kind, record, owner))
        } else {
            // What no process did: pid, tid, uid, exec_id, parent_exec_id, binary, container, pod, path.
            for _ in 0..<9 { events.appendNull() }
        }
        appendConnection(event.kind, record)
        events.append(header.flags & UInt16(MT_FLAG_LATE) != 0)
        format.clear()
        if format.writeOwn(event, record) { events.append(json: format.bytes) } else { events.appendNull() }
    }

    /// Both ends of a connection, as far as there is one.
    private func appendConnection(_ kind: EventKind, _ record: Record) {
        if kind == .tcpDrop { return appendDropped(record) }
        guard kind == .tcp else {
            for _ in 0..<4 { events.appendNull() }
            return
        }
        let tcp = record.tcp.pointee
        events.append(address: record.address(\.saddr))
        events.append(tcp.sport == 0 ? nil : Int32(tcp.sport))
        if tcp.dport == 0 { events.appendNull() } else { events.append(address: record.address(\.daddr)) }
        events.append(tcp.dport == 0 ? nil : Int32(tcp.dport))
    }

    /// Where a packet came from, and where it was to go.
    private func appendDropped(_ record: Record) {
        let drop = record.tcpDrop.pointee
        let hasPorts = drop.marks & UInt32(MT_TCP_DROP_NO_HEADER) == 0
        events.append(address: record.dropAddress(\.saddr))
        events.append(hasPorts ? Int32(drop.sport) : nil)
        events.append(address: record.dropAddress(\.daddr))
        events.append(hasPorts ? Int32(drop.dport) : nil)
    }

    private func append(_ id: Execution.ID?, to buffer: inout CopyBuffer) {
        guard let id else { return buffer.appendNull() }
        format.clear()
        format.write(id, node: origin.node)
        buffer.append(raw: format.bytes)
    }

    /// What is written of an execution, whose row is added when it is not known on that day, or not as well.
    private func columns(of execution: Execution, on day: Int32) -> ExecutionColumns {
        let row = RowID(execution: execution.id, day: day)
        if let found = known[row], found.json === execution.json { return found }
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        let columns = ExecutionColumns(execution, node: origin.node, &format, &scratch)
        known[row] = columns
        add(execution, columns, day)
        return columns
    }

    private func add(_ execution: Execution, _ columns: ExecutionColumns, _ day: Int32) {
        executions.beginRow(columns: Self.executionColumns)
        executions.append(PostgresTime.date(day))
        executions.append(columns: columns.id.buffer)
        append(execution.parentID, to: &executions)
        append(host: &executions)
        executions.append(Int64(execution.id.tgid))
        executions.append(PostgresTime.timestamp(execution.wallTime))
        executions.append(columns: columns.place.buffer)
        format.clear()
        format.writeProcess(execution)
        executions.append(json: format.bytes)
        guard execution.hasDetails else { return executions.appendNull() }
        format.clear()
        format.writeDetails(execution)
        executions.append(json: format.bytes)
    }
}
