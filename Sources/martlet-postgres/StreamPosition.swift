import PostgresLink

/// How far a stream came, as the database has it: it moves in the transactions that bring the rows.
struct StreamPosition {
    /// As it was when last read or committed.
    private(set) var position: PostgresPosition
    private let table: String
    /// The stream, as an SQL literal.
    private let id: String

    /// Reads the position, or makes one for a new stream. Waits for a transaction of the same stream that goes on: a
    /// helper that was left behind may be about to commit.
    init(_ server: borrowing ServerConnection, _ table: String, _ open: PostgresOpen) throws(ServerError) {
        guard open.stream.utf8.count == 32, open.stream.allSatisfy(\.isHexDigit) else {
            throw ServerError("the stream is not named by 32 hexadecimal digits: a mistake in martlet")
        }
        self.table = table
        id = "'\(open.stream)'"
        position = PostgresPosition(frame: 0, events: 0)
        if let found = try Self.read(server, table, id) {
            position = found
        } else {
            try server.rows(
                "INSERT INTO \(table) VALUES (\(id), $1, 0, 0, now()) ON CONFLICT (id) DO NOTHING",
                [open.host]
            )
        }
    }

    /// Begins a transaction in which nobody else moves the stream, and nobody has.
    func begin(_ server: borrowing ServerConnection) throws(ServerError) {
        let found = try Self.read(server, table, id, begin: "BEGIN ISOLATION LEVEL READ COMMITTED; ")
        guard found == position else {
            throw ServerError(
                "another process writes this stream, or its row in \(table) was changed: "
                    + "end other agents with the same state folder"
            )
        }
    }

    /// Moves the stream and commits all of it.
    mutating func commit(_ new: PostgresPosition, _ server: borrowing ServerConnection) throws(ServerError) {
        let tag = try server.run(
            "UPDATE \(table) SET frame = \(Int64(bitPattern: new.frame)), events = \(Int64(bitPattern: new.events)), "
                + "updated = now() WHERE id = \(id); COMMIT"
        )
        // A transaction that failed unnoticed ends as ROLLBACK, which is no error.
        guard tag == "COMMIT" else { throw ServerError("the server rolled back: \(tag)") }
        position = new
    }

    /// Deletes what agents left behind, each start of which has a stream of its own: nothing of them comes after so long.
    static func deleteOld(_ server: borrowing ServerConnection, _ table: String) throws(ServerError) {
        // Who was granted no more than to write leaves them.
        let may = try server.rows("SELECT has_table_privilege($1, 'DELETE')", [table])
        guard may.first?.first == "t" else { return }
        // By the last stream that moved, where that is earlier: the server's clock may be ahead.
        try server.run(
            "DELETE FROM \(table) WHERE updated < "
                + "least(now(), (SELECT max(updated) FROM \(table))) - interval '400 days'"
        )
    }

    private static func read(
        _ server: borrowing ServerConnection,
        _ table: String,
        _ id: String,
        begin: String = ""
    ) throws(ServerError) -> PostgresPosition? {
        let rows = try server.rows(begin + "SELECT frame, events FROM \(table) WHERE id = \(id) FOR UPDATE")
        guard let row = rows.first, row.count == 2, let frame = row[0].flatMap({ Int64($0) }),
            let events = row[1].flatMap({ Int64($0) })
        else { return nil }
        return PostgresPosition(frame: UInt64(bitPattern: frame), events: UInt64(bitPattern: events))
    }
}
