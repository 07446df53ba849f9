import GRDBSQLite

/// How much a store keeps, and the steps that keep it at that.
package struct StoreLimits: Sendable, Equatable {
    /// Seconds before the newest event.
    package var age = 7.0 * 86400
    /// Bytes of the database file.
    package var size = 1 << 30

    package init() {}
}

/// Deletes what is too old or too much, in small steps between the batches.
final class StoreRetention {
    private let connection: OpaquePointer
    private let limits: StoreLimits
    private let range: StoreStatement
    private let deleteOldest: StoreStatement
    private let pageCount: StoreStatement
    private let freeCount: StoreStatement
    private let pageSize: Int64
    /// Where the look for executions and paths without events stands; nil: nothing was deleted since the last one.
    private var sweep: (execution: Int64, path: Int64)?

    private static let leastChunk: Int64 = 1000
    private static let sweepChunk = 500

    init(_ connection: OpaquePointer, _ limits: StoreLimits) throws(SQLError) {
        self.connection = connection
        self.limits = limits
        range = try StoreStatement(
            connection,
            "SELECT (SELECT id FROM events ORDER BY id LIMIT 1), (SELECT id FROM events ORDER BY id DESC LIMIT 1)"
        )
        deleteOldest = try StoreStatement(
            connection,
            "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < ? ORDER BY id LIMIT ?)"
        )
        pageCount = try StoreStatement(connection, "PRAGMA page_count")
        freeCount = try StoreStatement(connection, "PRAGMA freelist_count")
        pageSize = try SQL.number(connection, "PRAGMA page_size")
    }

    /// Does one step; whoever calls it holds the transaction.
    ///
    /// - Parameter written: how many events came since the last step: more than those must go, or it would never catch up.
    /// - Returns: whether there is more to do.
    func step(after written: Int, writer: StoreWriter) throws(SQLError) -> Bool {
        let chunk = max(Self.leastChunk, 2 * Int64(written))
        var deleted: Int64 = 0
        if let bounds = try bounds() {
            let oldest = bounds.upperBound - Int64(min(limits.age, 9e9) * 1e9)
            if bounds.lowerBound < oldest { deleted = try delete(before: oldest, atMost: chunk) }
            if deleted < chunk, try usedPages() * pageSize > Int64(limits.size) {
                // The newest stays, whatever the limit.
                deleted += try delete(before: bounds.upperBound, atMost: chunk - deleted)
            }
        }
        if deleted > 0, sweep == nil { sweep = (0, 0) }
        if sweep != nil { try sweepOnce(writer) }
        return try shrink() || deleted > 0 || sweep != nil
    }

    private func bounds() throws(SQLError) -> ClosedRange<Int64>? {
        let isFound = try range.step() && !range.isNull(0)
        let (first, last) = (range.number(0), range.number(1))
        range.reset()
        return isFound ? first...max(first, last) : nil
    }

    private func delete(before id: Int64, atMost count: Int64) throws(SQLError) -> Int64 {
        deleteOldest.bind(1, id)
        deleteOldest.bind(2, count)
        try deleteOldest.run()
        return Int64(sqlite3_changes(connection))
    }

    private func usedPages() throws(SQLError) -> Int64 { try value(pageCount) - value(freeCount) }

    private func value(_ statement: StoreStatement) throws(SQLError) -> Int64 {
        let value = try statement.step() ? statement.number(0) : 0
        statement.reset()
        return value
    }

    /// Looks at the next executions, paths and contexts, and deletes those that no event needs any more.
    private func sweepOnce(_ writer: StoreWriter) throws(SQLError) {
        guard let at = sweep else { return }
        let executions = try sweep(
            "executions",
            after: at.execution,
            unless: "EXISTS (SELECT 1 FROM events WHERE execution = t.id) "
                + "OR EXISTS (SELECT 1 FROM events WHERE parent > 0 AND parent = t.id) "
                + "OR EXISTS (SELECT 1 FROM executions WHERE parent = t.id)"
        )
        let paths = try sweep("paths", after: at.path, unless: "EXISTS (SELECT 1 FROM events WHERE path_id = t.id)")
        writer.forget(paths: paths.gone, executions: executions.gone)
        if executions.last == nil, paths.last == nil {
            try SQL.run(
                connection,
                "DELETE FROM contexts WHERE id NOT IN "
                    + "(SELECT context_id FROM executions WHERE context_id IS NOT NULL)"
            )
            sweep = nil
        } else {
            sweep = (executions.last ?? .max, paths.last ?? .max)
        }
    }

    /// - Returns: what went, and where to go on; nil at the end of the table.
    private func sweep(
        _ table: String,
        after id: Int64,
        unless needed: String
    ) throws(SQLError) -> (gone: Set<Int64>, last: Int64?) {
        let find = try StoreStatement(
            connection,
            "SELECT t.id, \(needed) FROM \(table) t WHERE t.id > \(id) ORDER BY t.id LIMIT \(Self.sweepChunk)",
            isKept: false
        )
        var gone: Set<Int64> = []
        var last: Int64?
        var count = 0
        while try find.step() {
            count += 1
            last = find.number(0)
            if find.number(1) == 0 { gone.insert(find.number(0)) }
        }
        if !gone.isEmpty {
            let list = gone.map(String.init).joined(separator: ",")
            try SQL.run(connection, "DELETE FROM \(table) WHERE id IN (\(list))")
        }
        return (gone, count < Self.sweepChunk ? nil : last)
    }

    /// Gives pages back to the file system, when many are free or the file is larger than it may be.
    private func shrink() throws(SQLError) -> Bool {
        let (pages, free) = (try value(pageCount), try value(freeCount))
        guard free > 64, free * 4 > pages || pages * pageSize > Int64(limits.size) else { return false }
        try SQL.run(connection, "PRAGMA incremental_vacuum(512)")
        return true
    }
}
