import CWire
import Engine
import Formats
import GRDBSQLite
import Glibc
import Model

/// Puts events into the tables of an open store. Whoever calls it holds the transaction.
final class StoreWriter {
    private let connection: OpaquePointer
    private let node: String
    private var nodeRow: Int64 = 0
    private var format: JSONFormat
    private var paths = PathRows()
    private var executions: ExecutionRows

    private let insertEvent: StoreStatement
    private let findEvent: StoreStatement
    private let insertPath: StoreStatement
    private let findPath: StoreStatement

    init(_ connection: OpaquePointer, node: String) throws(SQLError) {
        self.connection = connection
        self.node = node
        format = JSONFormat(node: node)
        insertEvent = try StoreStatement(
            connection,
            "INSERT OR IGNORE INTO events (id, shift, node_id, kind, pid, tid, uid, execution, parent, path_id, cpu, "
                + "sequence, late, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        findEvent = try StoreStatement(
            connection,
            "SELECT 1 FROM events WHERE id = ? AND shift = ? AND node_id = ? AND kind = ? AND pid = ? AND tid = ? "
                + "AND cpu = ? AND sequence = ? AND detail IS ?"
        )
        insertPath = try StoreStatement(connection, "INSERT INTO paths (path) VALUES (?)")
        findPath = try StoreStatement(connection, "SELECT id FROM paths WHERE path = ?")
        executions = try ExecutionRows(connection, node: node)
        try insertNode()
    }

    private func insertNode() throws(SQLError) {
        let insert = try StoreStatement(connection, "INSERT OR IGNORE INTO nodes (name) VALUES (?)", isKept: false)
        let find = try StoreStatement(connection, "SELECT id FROM nodes WHERE name = ?", isKept: false)
        format.clear()
        format.write(text: node)
        insert.bind(1, text: format.bytes)
        try insert.run()
        find.bind(1, text: format.bytes)
        nodeRow = try find.step() ? find.number(0) : 0
    }

    /// Forgets what it knows of the tables: a transaction was taken back.
    func forget() {
        paths.removeAll()
        executions.removeAll()
    }

    /// Forgets rows that are gone.
    func forget(paths: Set<Int64>, executions: Set<Int64>) {
        if !paths.isEmpty { self.paths.remove(paths) }
        if !executions.isEmpty { self.executions.remove(executions) }
    }

    /// Writes all events of a batch.
    func write(_ batch: EventBatch) throws(SQLError) {
        for index in batch.events.indices {
            let event = batch.events[index]
            try write(event, batch.record(event))
        }
    }

    /// A damaged or foreign recording may hold times that no clock shows.
    private static func id(_ time: UInt64, _ shift: Int64) -> Int64 { Int64(clamping: min(time, 1 << 62)) + shift }

    private func write(_ event: borrowing Event, _ record: Record) throws(SQLError) {
        let header = record.header
        var execution: ExecutionRows.Known?
        var parent: Int64?
        var path: Int64?
        if let process = event.process {
            if let parentProcess = event.parent { parent = try executions.row(of: parentProcess, parent: nil).row }
            execution = try executions.row(of: process, parent: parent)
            // Kept only where the execution's own says otherwise; 0 is none.
            parent = execution?.parent == parent ? nil : parent ?? 0
            if let text = EventFilter.path(event.kind, record, process) { path = try row(ofPath: text) }
        }
        format.clear()
        let own = format.writeOwn(event, record) ? format.bytes : nil
        insertEvent.bind(3, nodeRow)
        insertEvent.bind(4, text: event.kind.name)
        insertEvent.bind(5, Int64(header.tgid))
        insertEvent.bind(6, Int64(record.tid ?? 0))
        insertEvent.bind(7, Int64(record.user(of: event.process)))
        insertEvent.bind(8, execution?.row)
        insertEvent.bind(9, parent)
        insertEvent.bind(10, path)
        insertEvent.bind(11, Int64(header.cpu))
        insertEvent.bind(12, Int64(truncatingIfNeeded: header.sequence))
        insertEvent.bind(13, header.flags & UInt16(MT_FLAG_LATE) != 0 ? 1 : nil)
        insertEvent.bind(14, text: own)
        var shift: Int64 = 0
        while true {
            insertEvent.bind(1, Self.id(event.time, shift))
            insertEvent.bind(2, shift)
            try insertEvent.run()
            if sqlite3_changes(connection) == 1 { return }
            // Another event has this time, or this one was written before: then it is there already.
            if try isWritten(event, record, shift, own) { return }
            shift += 1
        }
    }

    private func isWritten(
        _ event: borrowing Event,
        _ record: Record,
        _ shift: Int64,
        _ own: UnsafeRawBufferPointer?
    ) throws(SQLError) -> Bool {
        let header = record.header
        findEvent.bind(1, Self.id(event.time, shift))
        findEvent.bind(2, shift)
        findEvent.bind(3, nodeRow)
        findEvent.bind(4, text: event.kind.name)
        findEvent.bind(5, Int64(header.tgid))
        findEvent.bind(6, Int64(record.tid ?? 0))
        findEvent.bind(7, Int64(header.cpu))
        findEvent.bind(8, Int64(truncatingIfNeeded: header.sequence))
        findEvent.bind(9, text: own)
        let found = try findEvent.step()
        findEvent.reset()
        return found
    }

    private func row(ofPath path: UnsafeRawBufferPointer) throws(SQLError) -> Int64 {
        let hash = PathRows.hash(path)
        if let row = paths.row(path, hash: hash) { return row }
        findPath.bind(1, anyBytes: path)
        let found = try findPath.step()
        var row = findPath.number(0)
        findPath.reset()
        if !found {
            insertPath.bind(1, anyBytes: path)
            try insertPath.run()
            row = sqlite3_last_insert_rowid(connection)
        }
        paths.insert(path, hash: hash, row: row)
        return row
    }
}
