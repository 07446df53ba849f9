import GRDBSQLite

/// A prepared statement, bound and stepped by hand: some of these run for every event.
///
/// What is bound is not copied; it must live until the step is done.
final class StoreStatement {
    let handle: OpaquePointer
    private let connection: OpaquePointer

    init(_ connection: OpaquePointer, _ sql: String, isKept: Bool = true) throws(SQLError) {
        var handle: OpaquePointer?
        let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        guard sqlite3_prepare_v3(connection, sql, -1, flags, &handle, nil) == SQLITE_OK, let handle else {
            throw SQLError(connection)
        }
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    func bind(_ index: Int32, _ number: Int64) { sqlite3_bind_int64(handle, index, number) }

    func bind(_ index: Int32, _ number: Int64?) {
        if let number { bind(index, number) } else { sqlite3_bind_null(handle, index) }
    }

    /// UTF-8.
    func bind(_ index: Int32, text: UnsafeRawBufferPointer?) {
        guard let text else {
            sqlite3_bind_null(handle, index)
            return
        }
        // An empty buffer may have no address, which would mean NULL.
        let start = text.baseAddress?.assumingMemoryBound(to: CChar.self) ?? Self.nothing
        sqlite3_bind_text(handle, index, start, Int32(truncatingIfNeeded: text.count), nil)
    }

    func bind(_ index: Int32, text: StaticString) {
        bind(index, text: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Bytes from outside: as text where they are UTF-8, otherwise as they are.
    func bind(_ index: Int32, anyBytes bytes: UnsafeRawBufferPointer?) {
        guard let bytes, !bytes.isEmpty, String(validating: bytes, as: UTF8.self) == nil else {
            bind(index, text: bytes)
            return
        }
        sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(truncatingIfNeeded: bytes.count), nil)
    }

    /// True when there is a row.
    func step() throws(SQLError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let error = SQLError(connection)
            sqlite3_reset(handle)
            throw error
        }
    }

    /// Runs it to its end, for the next time.
    func run() throws(SQLError) {
        while try step() {}
        reset()
    }

    func reset() { sqlite3_reset(handle) }

    func number(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    /// Text or bytes; nil for NULL. Valid until the next step.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer? {
        guard !isNull(column) else { return nil }
        // A blob of text is its UTF-8; of a number its digits, asked for as text first.
        if sqlite3_column_type(handle, column) != SQLITE_BLOB { sqlite3_column_text(handle, column) }
        let start = sqlite3_column_blob(handle, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    func text(_ column: Int32) -> String? { bytes(column).map { String(decoding: $0, as: UTF8.self) } }

    private nonisolated(unsafe) static let nothing: UnsafePointer<CChar> = {
        let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        byte.initialize(to: 0)
        return UnsafePointer(byte)
    }()
}

/// What SQLite does at once, without a result.
enum SQL {
    static func run(_ connection: OpaquePointer, _ sql: String) throws(SQLError) {
        guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw SQLError(connection) }
    }

    /// The first column of the first row; 0 when there is none.
    static func number(_ connection: OpaquePointer, _ sql: String) throws(SQLError) -> Int64 {
        let statement = try StoreStatement(connection, sql, isKept: false)
        return try statement.step() ? statement.number(0) : 0
    }
}
