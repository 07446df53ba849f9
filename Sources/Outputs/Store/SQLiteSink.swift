import GRDBSQLite
import Glibc
import Model

/// Writes events into a SQLite database: one transaction for each batch, and what is too old goes in small steps.
package final class SQLiteSink: Sink, @unchecked Sendable {
    /// An open file and what works on it; in this order they end, since statements must go before their connection.
    private final class Store {
        let writer: StoreWriter
        let retention: StoreRetention
        let connection: StoreConnection
        /// Which file it is.
        let inode: ino_t

        init(_ path: String, _ node: String, _ limits: StoreLimits) throws(StoreFailure) {
            let connection = try StoreConnection(path: path)
            var information = stat()
            stat(path, &information)
            do {
                writer = try StoreWriter(connection.handle, node: node)
                retention = try StoreRetention(connection.handle, limits)
            } catch {
                throw StoreFailure(path, error)
            }
            self.connection = connection
            inode = information.st_ino
        }

        func step(after written: Int) throws(SQLError) -> Bool {
            try retention.step(after: written, writer: writer)
        }
    }

    private let path: String
    private let node: String
    private let limits: StoreLimits
    private var store: Store?
    /// Another program kept the store locked for as long as we wait.
    private var isLocked = false
    /// How many events came since the last step of retention, and whether it left something to do.
    private var unretained = 0
    private var isBehind = false

    /// How long a batch waits for another program that writes, ns.
    private static let patience: UInt64 = 10_000_000_000
    /// Retention looks after so many events, whatever their batches.
    private static let retentionInterval = 4096

    /// Opens the store, or makes it.
    package init(path: String, node: String, limits: StoreLimits = StoreLimits()) throws(SinkFailure) {
        self.path = path
        self.node = node
        self.limits = limits
        do { store = try Store(path, node, limits) } catch { throw SinkFailure(error.description) }
    }

    package func write(_ batch: EventBatch, isUrgent: () -> Bool) -> SinkResult {
        guard let handle = store?.connection.handle else {
            return .failed(after: 0, SinkFailure("\(path): not open"))
        }
        do throws(SQLError) {
            guard try begin(handle, isUrgent) else { return .abandoned(after: 0) }
            try store?.writer.write(batch)
            try SQL.run(handle, "COMMIT")
        } catch {
            takeBack(handle)
            return .failed(after: 0, SinkFailure(StoreFailure(path, error).description))
        }
        unretained += batch.events.count
        if isBehind || unretained >= Self.retentionInterval {
            isBehind = retain(handle)
            unretained = 0
        }
        return .written
    }

    /// Waits for others that write, for a while. False when there is no more time for that.
    private func begin(_ handle: OpaquePointer, _ isUrgent: () -> Bool) throws(SQLError) -> Bool {
        let begun = Self.now()
        while true {
            do throws(SQLError) {
                try SQL.run(handle, "BEGIN IMMEDIATE")
                isLocked = false
                return true
            } catch {
                guard error.primary == SQLITE_BUSY else { throw error }
                if isUrgent() { return false }
                // Who was told once need not wait as long again.
                guard Self.now() - begun < (isLocked ? Self.patience / 20 : Self.patience) else {
                    isLocked = true
                    throw error
                }
            }
        }
    }

    /// One step of retention, in a transaction of its own: what it cannot do now it does after the next batch.
    private func retain(_ handle: OpaquePointer) -> Bool {
        do throws(SQLError) {
            try SQL.run(handle, "BEGIN IMMEDIATE")
            let more = try store?.step(after: unretained) ?? false
            try SQL.run(handle, "COMMIT")
            return more
        } catch {
            takeBack(handle)
            return false
        }
    }

    private func takeBack(_ handle: OpaquePointer) {
        if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
        store?.writer.forget()
    }

    /// Opens the file anew when it is not the one that its name means any more.
    package func reopen() throws(SinkFailure) {
        var information = stat()
        if stat(path, &information) == 0, store?.inode == information.st_ino { return }
        // What is in the log belongs into the old file, wherever that is now, before a new one takes its name.
        if let handle = store?.connection.handle {
            sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        }
        store = nil
        do { store = try Store(path, node, limits) } catch { throw SinkFailure(error.description) }
    }

    /// Brings the store within its limits, and all of it into its one file.
    package func finish(isUrgent: () -> Bool) {
        guard let handle = store?.connection.handle else { return }
        for _ in 0..<1000 where !isUrgent() {
            if !retain(handle) { break }
        }
        store = nil
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
