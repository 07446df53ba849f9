import GRDBSQLite

/// What SQLite said when it refused.
struct SQLError: Error {
    /// The extended result code.
    let code: Int32
    let message: String
    /// Which byte of the statement is wrong; negative when that is not known.
    var offset: Int32 = -1

    /// What went wrong last on a connection.
    init(_ connection: OpaquePointer?) {
        code = sqlite3_extended_errcode(connection)
        message = sqlite3_errmsg(connection).map { String(cString: $0) } ?? "out of memory"
        offset = connection == nil ? -1 : sqlite3_error_offset(connection)
    }

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    /// The code without what extends it.
    var primary: Int32 { code & 0xff }
}

/// Why a store cannot be used: which file, what is wrong with it, and what to do.
package struct StoreFailure: Error, Equatable, CustomStringConvertible {
    package let description: String
    /// The user interrupted it: nothing is wrong.
    package var isInterrupt = false

    init(_ path: String, _ text: String) { description = "\(path): \(text)" }

    /// Of a statement rather than a file.
    init(statement text: String) { description = text }

    init(_ path: String, _ error: SQLError) {
        self.init(path, Self.text(error))
        isInterrupt = error.primary == SQLITE_INTERRUPT
    }

    private static func text(_ error: SQLError) -> String {
        switch error.primary {
        case SQLITE_BUSY, SQLITE_LOCKED:
            "locked by another program: end what writes to it (fuser shows who), then try again"
        case SQLITE_FULL: "no space left on its disk: make room, or keep less by --store-size and --store-age"
        case SQLITE_READONLY, SQLITE_PERM:
            "cannot be written: look at the permissions of the file and its folder, or choose another file"
        case SQLITE_CANTOPEN:
            "cannot be opened: look at the permissions of the file, of its -wal and -shm files, and of its folder"
        case SQLITE_NOTADB: "this is no SQLite database: choose another file"
        case SQLITE_CORRUPT:
            "damaged (\(error.message)): move it away, and a new one is made; sqlite3 FILE .recover saves what it can"
        case SQLITE_INTERRUPT: "interrupted"
        case SQLITE_IOERR: "reading or writing failed (\(error.message)): look at its disk"
        default: "\(error.message) (SQLite \(error.code))"
        }
    }
}
