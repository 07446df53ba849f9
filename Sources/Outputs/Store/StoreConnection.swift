import GRDB
import GRDBSQLite
import Glibc

/// A store opened to be written to: checked, brought to this version's schema, and nobody else's.
///
/// GRDB checks and migrates, and closes its connection again: it watches all that happens on it, which for every event
/// would cost more than the event. What is written goes by a bare connection.
final class StoreConnection {
    let handle: OpaquePointer
    private let lock: Int32

    /// How long to wait at the start for another program that writes, in seconds.
    private static let patience = 3.0

    init(path: String) throws(StoreFailure) {
        let lock = try StoreFile.take(path)
        do {
            try Self.prepare(path)
            handle = try Self.open(path)
            self.lock = lock
        } catch {
            close(lock)
            switch error {
            case let failure as StoreFailure: throw failure
            case let error as DatabaseError:
                let code = error.extendedResultCode.rawValue
                throw StoreFailure(path, SQLError(code: code, message: error.message ?? "unknown error"))
            case let error as SQLError: throw StoreFailure(path, error)
            default: throw StoreFailure(path, "\(error)")
            }
        }
    }

    deinit {
        sqlite3_close_v2(handle)
        close(lock)
    }

    private static func prepare(_ path: String) throws {
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try checkOwner(queue, path)
        try queue.writeWithoutTransaction { database in
            // Only now: both change the file.
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL")
        }
        try StoreSchema.migrator.migrate(queue)
        try queue.writeWithoutTransaction(renewViews)
        try queue.close()
    }

    private static func open(_ path: String) throws -> OpaquePointer {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        guard sqlite3_open_v2(path, &handle, flags, nil) == SQLITE_OK, let handle else {
            defer { sqlite3_close_v2(handle) }
            throw SQLError(handle)
        }
        // From here on the writer itself waits, and looks at its deadline meanwhile.
        sqlite3_busy_timeout(handle, 50)
        // What is in the WAL survives a crash of the agent, and, but for the last moments, one of the machine.
        // Overwriting what is deleted would cost as much as writing it, for data that lay there for days.
        try SQL.run(
            handle,
            """
            PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 16777216;
            PRAGMA secure_delete = OFF; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY
            """
        )
        return handle
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        // Another one would have the thread take a higher priority, which only a privileged process may.
        configuration.qos = .default
        configuration.busyMode = .timeout(patience)
        return configuration
    }

    /// Refuses other programs' databases, and those of later versions, before anything is changed.
    private static func checkOwner(_ queue: DatabaseQueue, _ path: String) throws {
        try queue.read { database in
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
            guard tables > 0, let handle = database.sqliteConnection else { return }
            try checkVersion(handle, path)
        }
    }

    /// What both writers and readers must know of a database before they touch it.
    static func checkVersion(_ handle: OpaquePointer, _ path: String) throws {
        guard try SQL.number(handle, "PRAGMA application_id") == StoreSchema.application else {
            throw StoreFailure(path, "a database, but not one of Martlet's: choose another file")
        }
        let version = try SQL.number(handle, "PRAGMA user_version")
        guard version <= StoreSchema.version else {
            throw StoreFailure(
                path,
                "made by a later version of Martlet (schema \(version), this one knows \(StoreSchema.version)): "
                    + "use that version, or choose another file"
            )
        }
    }

    /// Views derive from the fields that this version knows.
    private static func renewViews(_ database: Database) throws {
        let wanted = StoreViews.all
        let rows = try Row.fetchAll(database, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'view'")
        let present = Dictionary(rows.map { ($0["name"] as String, $0["sql"] as String) }) { first, _ in first }
        let statements = wanted.map { (name: $0.name, sql: "CREATE VIEW \($0.name) AS \($0.sql)") }
        guard statements.contains(where: { present[$0.name] != $0.sql }) else { return }
        try database.inTransaction {
            for name in present.keys { try database.execute(sql: "DROP VIEW \"\(name)\"") }
            for statement in statements { try database.execute(sql: statement.sql) }
            return .commit
        }
    }
}
