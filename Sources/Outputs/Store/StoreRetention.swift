import GRDBSQLite
import Glibc

/// How much a store keeps, and the steps that keep it at that.
package struct StoreLimits: Sendable, Equatable {
    /// Seconds before the newest event.
    package var age = 7.0 * 86400
    /// Bytes of the database file.
    package var size = 1 << 30

    package init() {}
}

/// Deletes what is too old or too much, in small steps between the batches, and with events what only they needed.
final class StoreRetention {
    private let connection: OpaquePointer
    private let limits: StoreLimits
    private let range: StoreStatement
    private let deleteOldest: StoreStatement
    private let deletePath: StoreStatement
    private let deleteExecution: StoreStatement
    private let deleteContext: StoreStatement
    private let pageCount: StoreStatement
    private let freeCount: StoreStatement
    private let pageSize: Int64

    /// So many events go before the size is looked at again.
    private static let chunk = 200

    init(_ connection: OpaquePointer, _ limits: StoreLimits) throws(SQLError) {
        self.connection = connection
        self.limits = limits
        range = try StoreStatement(
            connection,
            "SELECT (SELECT id FROM events ORDER BY id LIMIT 1), (SELECT id FROM events ORDER BY id DESC LIMIT 1)"
        )
        deleteOldest = try StoreStatement(
            connection,
            "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < ? ORDER BY id LIMIT ?) "
                + "RETURNING execution, path_id, parent"
        )
        deletePath = try StoreStatement(
            connection,
            "DELETE FROM paths WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM events WHERE path_id = ?1)"
        )
        deleteExecution = try StoreStatement(
            connection,
            "DELETE FROM executions WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM events WHERE execution = ?1) "
                + "AND NOT EXISTS (SELECT 1 FROM events WHERE parent > 0 AND parent = ?1) "
                + "AND NOT EXISTS (SELECT 1 FROM executions WHERE parent = ?1) RETURNING parent, context_id"
        )
        deleteContext = try StoreStatement(
            connection,
            "DELETE FROM contexts WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM executions WHERE context_id = ?1)"
        )
        pageCount = try StoreStatement(connection, "PRAGMA page_count")
        freeCount = try StoreStatement(connection, "PRAGMA freelist_count")
        pageSize = try SQL.number(connection, "PRAGMA page_size")
    }

    /// Does one step; whoever calls it holds the transaction.
    ///
    /// - Parameter written: how many events came since the last step: more than those may go, or it would never catch up.
    /// - Returns: whether there is more to do.
    func step(after written: Int, writer: StoreWriter) throws(SQLError) -> Bool {
        var rest = max(1000, 2 * written)
        while rest > 0, let bounds = try bounds() {
            // A wrong clock may have dated an event far ahead: it must not make all others old.
            let newest = min(bounds.upperBound, Int64(clamping: Self.now()))
            let expired = newest - Int64(min(limits.age, 9e9) * 1e9)
            // By size the newest stays, whatever the limit.
            let end = bounds.lowerBound < expired ? expired : try isTooLarge() ? bounds.upperBound : bounds.lowerBound
            let count = try delete(before: end, atMost: min(rest, Self.chunk), writer)
            if count == 0 { break }
            rest -= count
        }
        let shrinks = try shrink()
        return shrinks || rest <= 0
    }

    /// Wall time, ns since 1970.
    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func bounds() throws(SQLError) -> ClosedRange<Int64>? {
        let isFound = try range.step() && !range.isNull(0)
        let (first, last) = (range.number(0), range.number(1))
        range.reset()
        return isFound ? first...max(first, last) : nil
    }

    private func isTooLarge() throws(SQLError) -> Bool {
        let used = try value(pageCount) - value(freeCount)
        return used * pageSize > Int64(limits.size)
    }

    private func value(_ statement: StoreStatement) throws(SQLError) -> Int64 {
        let value = try statement.step() ? statement.number(0) : 0
        statement.reset()
        return value
    }

    /// Deletes the oldest events, and the paths, executions and contexts that no other one needs.
    private func delete(before id: Int64, atMost count: Int, _ writer: StoreWriter) throws(SQLError) -> Int {
        var deleted = 0
        var paths: Set<Int64> = []
        var executions: Set<Int64> = []
        deleteOldest.bind(1, id)
        deleteOldest.bind(2, Int64(count))
        while try deleteOldest.step() {
            deleted += 1
            executions.insert(deleteOldest.number(0))
            paths.insert(deleteOldest.number(1))
            executions.insert(deleteOldest.number(2))
        }
        deleteOldest.reset()
        let gonePaths = try deletePaths(paths)
        writer.forget(paths: gonePaths, executions: try deleteExecutions(executions))
        return deleted
    }

    private func deletePaths(_ paths: Set<Int64>) throws(SQLError) -> Set<Int64> {
        var gone: Set<Int64> = []
        for path in paths where try delete(path, deletePath) { gone.insert(path) }
        return gone
    }

    private func delete(_ row: Int64, _ statement: StoreStatement) throws(SQLError) -> Bool {
        guard row != 0 else { return false }
        statement.bind(1, row)
        try statement.run()
        return sqlite3_changes(connection) > 0
    }

    /// Those that nothing needs, and then their parents.
    private func deleteExecutions(_ candidates: Set<Int64>) throws(SQLError) -> Set<Int64> {
        var gone: Set<Int64> = []
        var contexts: Set<Int64> = []
        var waiting = candidates
        while let row = waiting.popFirst() {
            guard row != 0 else { continue }
            deleteExecution.bind(1, row)
            while try deleteExecution.step() {
                gone.insert(row)
                waiting.insert(deleteExecution.number(0))
                contexts.insert(deleteExecution.number(1))
            }
            deleteExecution.reset()
        }
        for context in contexts { _ = try delete(context, deleteContext) }
        return gone
    }

    /// Gives pages back to the file system, when many are free or the file is larger than it may be.
    private func shrink() throws(SQLError) -> Bool {
        let (pages, free) = (try value(pageCount), try value(freeCount))
        guard free > 0, free > 64 && free * 4 > pages || pages * pageSize > Int64(limits.size) else { return false }
        try SQL.run(connection, "PRAGMA incremental_vacuum(512)")
        return true
    }
}
