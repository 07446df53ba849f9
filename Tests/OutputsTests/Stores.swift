import Engine
import Fixtures
import Formats
import GRDBSQLite
import Glibc
import Model
import Outputs
import Testing

/// A store in a folder of its own, and what can be asked of it.
struct TestStore {
    let folder: TemporaryFolder
    let path: String

    init(_ name: String = "events.db") throws {
        folder = try TemporaryFolder()
        path = folder.path(name)
    }

    /// A sink on it.
    func sink(node: String = "node-1", _ limits: StoreLimits = StoreLimits()) throws -> SQLiteSink {
        try SQLiteSink(path: path, node: node, limits: limits)
    }

    /// Writes batches as one run does.
    func write(_ batches: [EventBatch], node: String = "node-1", _ limits: StoreLimits = StoreLimits()) throws {
        let sink = try sink(node: node, limits)
        for batch in batches { #expect(sink.write(batch) { false } == .written) }
        sink.finish { false }
    }

    static var everything: StoreSelection {
        var selection = StoreSelection()
        selection.filter.kinds = KindSet(EventKind.allCases)
        return selection
    }

    /// The JSON lines of a selection.
    func lines(_ selection: StoreSelection = everything) throws -> [UInt8] {
        var format = JSONFormat(node: "")
        try StoreQuery.run(StoreReader(path: path), selection) { event in
            format.write(event)
            return true
        }
        return Array(format.bytes)
    }

    /// The values of a statement's rows.
    func rows(_ sql: String) throws -> [[String?]] {
        let rows = try StoreRows(StoreReader(path: path), sql: sql)
        var list: [[String?]] = []
        while try rows.next() { list.append(rows.texts().map { $0.map { String(decoding: $0, as: UTF8.self) } }) }
        return list
    }

    func number(_ sql: String) throws -> Int { try rows(sql).first?.first?.flatMap { Int($0) } ?? -1 }

    /// What the store says when it refuses a statement.
    func refusal(_ sql: String) -> String {
        do {
            _ = try rows(sql)
            return "nothing was refused"
        } catch {
            return "\(error)"
        }
    }
}

/// A database of somebody else's, held open.
final class OtherProgram {
    private var handle: OpaquePointer?

    init(_ path: String) { #expect(sqlite3_open(path, &handle) == SQLITE_OK) }

    deinit { sqlite3_close(handle) }

    func run(_ sql: String) { #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK) }
}
