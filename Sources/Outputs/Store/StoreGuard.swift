import GRDBSQLite

/// Keeps a user's statement to reading, and says what is wrong with one that is not understood.
enum StoreGuard {
    private static let refusal =
        "refused, because martlet query only reads: write a SELECT, VALUES, WITH or EXPLAIN, or PRAGMA table_info(TABLE)"

    /// What a statement may ask the database about itself.
    private static let pragmas: Set<String> = [
        "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "integrity_check",
        "quick_check", "compile_options", "function_list", "pragma_list", "database_list",
    ]
    /// Those that would set something if they were given a value.
    private static let plainPragmas: Set<String> = [
        "user_version", "application_id", "page_count", "page_size", "freelist_count", "journal_mode", "auto_vacuum",
        "encoding",
    ]
    private static let functions: Set<String> = ["load_extension", "fts3_tokenizer"]

    /// Asked for each thing that a statement would do, before it does any.
    static func install(on reader: StoreReader) throws(StoreFailure) {
        sqlite3_set_authorizer(
            reader.handle,
            { _, action, first, second, _, _ in
                let name = first.map { String(cString: $0).lowercased() } ?? ""
                switch action {
                case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE: return SQLITE_OK
                case SQLITE_FUNCTION:
                    let function = second.map { String(cString: $0).lowercased() } ?? ""
                    return StoreGuard.functions.contains(function) ? SQLITE_DENY : SQLITE_OK
                case SQLITE_PRAGMA:
                    return StoreGuard.pragmas.contains(name) || second == nil && StoreGuard.plainPragmas.contains(name)
                        ? SQLITE_OK : SQLITE_DENY
                default: return SQLITE_DENY
                }
            },
            nil
        )
    }

    /// After preparing: one statement, and one that gives rows.
    static func check(_ sql: String, _ statement: OpaquePointer) throws(StoreFailure) {
        guard sqlite3_stmt_readonly(statement) != 0, sqlite3_column_count(statement) > 0 else {
            throw StoreFailure(statement: "--sql: \(refusal)")
        }
        let first = sqlite3_sql(statement).map { String(cString: $0).utf8.count } ?? 0
        let rest = sql.utf8.dropFirst(first)
        guard rest.allSatisfy({ " \t\r\n;".utf8.contains($0) }) else {
            throw StoreFailure(
                statement: "--sql: more than one statement, from position \(first + 1): write one at a time"
            )
        }
    }

    /// What is wrong with a statement, and where.
    static func failure(_ sql: String, _ error: SQLError, _ reader: StoreReader) -> StoreFailure {
        switch error.primary {
        case SQLITE_AUTH: return StoreFailure(statement: "--sql: \(refusal)")
        case SQLITE_ERROR where error.message.hasPrefix("not authorized"):
            return StoreFailure(statement: "--sql: \(refusal)")
        case SQLITE_ERROR:
            let message = error.message
            let place = error.offset >= 0 ? " at position \(error.offset + 1)" : ""
            return StoreFailure(statement: "--sql: \(message)\(place); \(remedy(message))")
        default: return reader.failure(error)
        }
    }

    private static func remedy(_ message: String) -> String {
        if message.hasPrefix("no such table") {
            return "SELECT name FROM sqlite_schema lists the tables and views, docs/store.md explains them"
        }
        if message.hasPrefix("no such column") {
            return "PRAGMA table_info(TABLE) lists a table's columns; text stands in single quotes"
        }
        if message.hasPrefix("no such function") { return "PRAGMA function_list lists the functions" }
        return "see https://sqlite.org/lang.html for what SQLite understands"
    }
}
