import GRDBSQLite
import Glibc
import Synchronization

/// A store opened to be read: beside an agent that writes to it, and without its privileges.
package final class StoreReader {
    let handle: OpaquePointer
    package let path: String

    /// Set by whoever wants a long query to end, also from a signal handler.
    package static let isInterrupted = Atomic<Bool>(false)

    package init(path: String) throws(StoreFailure) {
        self.path = path
        try StoreFile.checkReadable(path)
        do {
            handle = try Self.open(path)
        } catch let failure as StoreFailure {
            throw failure
        } catch let error as SQLError {
            throw StoreFailure(path, error)
        } catch {
            throw StoreFailure(path, "\(error)")
        }
        sqlite3_progress_handler(
            handle,
            10_000,
            { _ in StoreReader.isInterrupted.load(ordering: .relaxed) ? 1 : 0 },
            nil
        )
    }

    deinit { sqlite3_close_v2(handle) }

    private static func open(_ path: String) throws -> OpaquePointer {
        do {
            return try connect(path, isImmutable: false)
        } catch let error as SQLError
            where [SQLITE_CANTOPEN, SQLITE_READONLY].contains(error.primary) && access(path + "-wal", F_OK) != 0
        {
            // Nobody writes, and we may not make the files that readers share: nothing can change while we read.
            return try connect(path, isImmutable: true)
        }
    }

    private static func connect(_ path: String, isImmutable: Bool) throws -> OpaquePointer {
        var handle: OpaquePointer?
        // As an address, since only that can be immutable; what is special in one is escaped.
        let escaped = path.utf8.map { byte in
            "%?#".utf8.contains(byte) ? "%" + String(byte, radix: 16) : String(UnicodeScalar(byte))
        }
        let isPlain = path.utf8.allSatisfy { $0 < 0x80 }
        let name = isImmutable && isPlain ? "file:\(escaped.joined())?immutable=1" : path
        let flags =
            SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (isImmutable ? SQLITE_OPEN_URI : 0)
        let code = sqlite3_open_v2(name, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            defer { sqlite3_close_v2(handle) }
            throw SQLError(handle)
        }
        do {
            sqlite3_busy_timeout(handle, 5000)
            try SQL.run(handle, "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768")
            try StoreConnection.checkVersion(handle, path)
            return handle
        } catch {
            sqlite3_close_v2(handle)
            throw error
        }
    }

    func failure(_ error: SQLError) -> StoreFailure { StoreFailure(path, error) }
}
