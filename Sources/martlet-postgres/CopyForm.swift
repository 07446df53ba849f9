import PostgresLink

/// What stands around rows in COPY.
enum CopyForm {
    /// Before binary rows: signature, flags, length of the extension.
    static let header: [UInt8] =
        Array("PGCOPY\n\u{ff}\r\n\0".unicodeScalars.map { UInt8($0.value) }) + [0, 0, 0, 0] + [0, 0, 0, 0]
    /// Behind binary rows: -1 instead of a number of columns.
    static let trailer: [UInt8] = [0xff, 0xff]

    /// The statement that rows of this relation go into a table by.
    static func statement(_ relation: PostgresRelation, _ table: String) -> String {
        let columns = relation.columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
        let form = relation.form == .binary ? "binary" : "text"
        return "COPY \(table) (\(columns)) FROM STDIN (FORMAT \(form))"
    }
}
