import Formats
import GRDBSQLite
import Model

/// The rows of executions: each is written once, and those that were written lately are known.
final class ExecutionRows {
    /// A row, and what it says already.
    struct Known {
        let row: Int64
        fileprivate var json: Bytes
        /// The parent's row; nil while no event has told it.
        var parent: Int64?
    }

    private let connection: OpaquePointer
    private let node: String
    private var format: JSONFormat
    private var known: [Execution.ID: Known] = [:]
    /// Beyond so many all are forgotten, and found in their table again.
    private static let limit = 1 << 15

    private let find: StoreStatement
    private let put: StoreStatement
    private let setParent: StoreStatement
    private let findContext: StoreStatement
    private let insertContext: StoreStatement

    init(_ connection: OpaquePointer, node: String) throws(SQLError) {
        self.connection = connection
        self.node = node
        format = JSONFormat(node: node)
        find = try StoreStatement(connection, "SELECT id, parent, process FROM executions WHERE exec_id = ?")
        put = try StoreStatement(
            connection,
            "INSERT INTO executions (exec_id, pid, time, binary, comm, process, detail, context_id, parent) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (exec_id) DO UPDATE SET binary = excluded.binary, "
                + "comm = excluded.comm, process = excluded.process, detail = excluded.detail, "
                + "context_id = excluded.context_id RETURNING id"
        )
        setParent = try StoreStatement(connection, "UPDATE executions SET parent = ? WHERE id = ?")
        findContext = try StoreStatement(connection, "SELECT id FROM contexts WHERE context = ?")
        insertContext = try StoreStatement(connection, "INSERT INTO contexts (context) VALUES (?)")
    }

    func removeAll() { known.removeAll() }

    func remove(_ rows: Set<Int64>) { known = known.filter { !rows.contains($0.value.row) } }

    /// Finds or makes an execution's row, and notes whose child it is.
    func row(of execution: Execution, parent: Int64?) throws(SQLError) -> Known {
        var entry: Known
        if let found = known[execution.id], found.json === execution.json {
            if parent == nil || found.parent != nil { return found }
            entry = found
        } else {
            entry = try store(execution, parent)
        }
        if let parent, entry.parent == nil {
            setParent.bind(1, parent)
            setParent.bind(2, entry.row)
            try setParent.run()
            entry.parent = parent
        }
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[execution.id] = entry
        return entry
    }

    /// What has become known since it was written is taken over, for all events of the execution.
    private func store(_ execution: Execution, _ parent: Int64?) throws(SQLError) -> Known {
        format.clear()
        format.write(execution.id, node: node)
        let id = 0..<format.bytes.count
        format.writeProcess(execution)
        let process = id.upperBound..<format.bytes.count
        find.bind(1, text: piece(id))
        if try find.step() {
            let isSame = find.bytes(2)?.elementsEqual(piece(process)) ?? false
            let known = find.isNull(1) ? nil : find.number(1)
            let entry = Known(row: find.number(0), json: execution.json, parent: known)
            find.reset()
            if !isSame { _ = try write(execution, known, id, process) }
            return entry
        }
        find.reset()
        return Known(row: try write(execution, parent, id, process), json: execution.json, parent: parent)
    }

    private func piece(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: format.bytes[range])
    }

    /// Writes the row whose id and process object stand in the buffer.
    private func write(
        _ execution: Execution,
        _ parent: Int64?,
        _ id: Range<Int>,
        _ process: Range<Int>
    ) throws(SQLError) -> Int64 {
        let details = try writeDetails(execution)
        let comm = format.bytes.count
        withUnsafeBytes(of: execution.comm) { format.write(bytes: Array($0.prefix { $0 != 0 })) }
        // All is in the buffer: it stays where it is from here on.
        put.bind(1, text: piece(id))
        put.bind(2, Int64(execution.id.tgid))
        put.bind(3, Int64(truncatingIfNeeded: execution.wallTime))
        put.bind(4, anyBytes: execution.record.flatMap { $0.string($0.process.pointee.binary.text) })
        put.bind(5, anyBytes: piece(comm..<format.bytes.count))
        put.bind(6, text: piece(process))
        put.bind(7, text: details.own.map(piece))
        put.bind(8, details.context)
        put.bind(9, parent)
        let row = try put.step() ? put.number(0) : 0
        try put.run()
        return row
    }

    /// Adds the details behind what stands in the buffer. Capabilities, credentials and namespaces are most of their text and
    /// the same for most processes, so they are kept once.
    private func writeDetails(
        _ execution: Execution
    ) throws(SQLError) -> (own: Range<Int>?, context: Int64?) {
        guard execution.hasDetails else { return (nil, nil) }
        let begin = format.bytes.count
        format.writeDetails(execution)
        let whole = begin..<format.bytes.count
        guard let split = Self.place(of: Self.contextKey, in: piece(whole)).map({ begin + $0 }) else {
            return (whole, nil)
        }
        // Two objects of one: the comma becomes the first one's end, and the second one gets a beginning.
        let rest = Array(piece(split + 1..<whole.upperBound))
        format.truncate(to: split)
        format.write(text: "}")
        let own = begin..<format.bytes.count
        format.write(text: "{")
        format.write(bytes: rest)
        return (own, try row(ofContext: piece(own.upperBound..<format.bytes.count)))
    }

    /// No string in JSON has a bare quote in it, so this is the key and nothing else.
    private static let contextKey = Array(",\"\(StoreViews.contextKey)\":{".utf8)

    private static func place(of key: [UInt8], in text: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        while position + key.count <= text.count {
            if text[position] == key[0], text[position...].starts(with: key) { return position }
            position += 1
        }
        return nil
    }

    private func row(ofContext context: UnsafeRawBufferPointer) throws(SQLError) -> Int64 {
        findContext.bind(1, text: context)
        let isFound = try findContext.step()
        let row = findContext.number(0)
        findContext.reset()
        if isFound { return row }
        insertContext.bind(1, text: context)
        try insertContext.run()
        return sqlite3_last_insert_rowid(connection)
    }
}
