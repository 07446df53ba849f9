import Formats
import GRDBSQLite

/// The rows of one statement, each value as it is or as text.
package final class StoreRows {
    private let reader: StoreReader
    private let statement: StoreStatement
    /// The names of the columns.
    package let columns: [String]

    /// A statement of a user's: refused unless it does nothing but read.
    package convenience init(_ reader: StoreReader, sql: String) throws(StoreFailure) {
        try StoreGuard.install(on: reader)
        try self.init(reader, sql, StoreGuard.check)
    }

    /// A statement of ours.
    convenience init(_ reader: StoreReader, trusted sql: String) throws(StoreFailure) {
        try self.init(reader, sql) { _, _ in }
    }

    private init(
        _ reader: StoreReader,
        _ sql: String,
        _ check: (String, OpaquePointer) throws(StoreFailure) -> Void
    ) throws(StoreFailure) {
        self.reader = reader
        do {
            statement = try StoreStatement(reader.handle, sql, isKept: false)
        } catch {
            throw StoreGuard.failure(sql, error, reader)
        }
        try check(sql, statement.handle)
        let handle = statement.handle
        columns = (0..<sqlite3_column_count(handle)).map { column in
            sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
        }
    }

    /// Goes to the next row; false at the end.
    package func next() throws(StoreFailure) -> Bool {
        do { return try statement.step() } catch { throw reader.failure(error) }
    }

    /// The row's values as text; nil for NULL.
    package func texts() -> [UnsafeRawBufferPointer?] {
        columns.indices.map { statement.bytes(Int32($0)) }
    }

    /// Whether a column is a number, which stands at the right.
    package func isNumber(_ column: Int) -> Bool {
        let type = sqlite3_column_type(statement.handle, Int32(column))
        return type == SQLITE_INTEGER || type == SQLITE_FLOAT
    }

    /// Adds the row as a JSON object and ends the line.
    package func writeJSON(to buffer: inout TextBuffer) {
        buffer.append(UInt8(ascii: "{"))
        for index in columns.indices {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            buffer.append(UInt8(ascii: "\""))
            var name = columns[index]
            name.withUTF8 { _ = JSONText.write(UnsafeRawBufferPointer($0), to: &buffer) }
            buffer.append("\":")
            writeValue(Int32(index), to: &buffer)
        }
        buffer.append("}\n")
    }

    private func writeValue(_ column: Int32, to buffer: inout TextBuffer) {
        switch sqlite3_column_type(statement.handle, column) {
        case SQLITE_NULL: buffer.append("null")
        case SQLITE_INTEGER: buffer.append(statement.number(column))
        case SQLITE_FLOAT:
            let number = sqlite3_column_double(statement.handle, column)
            buffer.append(number.isFinite ? "\(number)" : "null")
        default:
            buffer.append(UInt8(ascii: "\""))
            if let bytes = statement.bytes(column) { _ = JSONText.write(bytes, to: &buffer) }
            buffer.append(UInt8(ascii: "\""))
        }
    }
}
