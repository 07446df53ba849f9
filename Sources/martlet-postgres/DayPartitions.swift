/// The partitions that a day's rows are in: made when rows of it come, and dropped when it is too old.
///
/// Days far from the server's own go into the default partitions: a wrong clock must not make thousands of tables.
struct DayPartitions {
    /// Days that are kept, today included; 0: all.
    let retentionDays: UInt32
    private var known: Set<Int32> = []

    /// How far from the server's day a day may be to have partitions of its own.
    private static let daysAhead: Int32 = 2
    private static let daysBack: Int32 = 366

    /// The tables in partitions, the column that divides them, and its type.
    private static let tables = [("executions", "day", "date"), ("events", "\"time\"", "timestamptz")]

    init(retentionDays: UInt32) { self.retentionDays = retentionDays }

    /// Makes what is missing for these days, in a transaction of its own.
    mutating func prepare(_ days: [Int32], _ server: borrowing ServerConnection) throws(ServerError) {
        var missing = days.filter { !known.contains($0) }
        guard !missing.isEmpty else { return }
        let today = try Self.today(server)
        missing.removeAll { $0 < oldest(today) || $0 > today + Self.daysAhead }
        for day in missing {
            try SchemaLock.hold(server) { server throws(ServerError) in
                for (table, column, type) in Self.tables { try Self.make(day, table, column, type, server) }
            }
            known.insert(day)
        }
    }

    /// Makes tomorrow's: midnight then finds them made, whoever reads at that moment.
    mutating func prepareTomorrow(_ server: borrowing ServerConnection) throws(ServerError) {
        try prepare([Self.today(server) + 1], server)
    }

    /// Drops those that are too old. Rows in the default partitions stay: they are there by a wrong clock, and are few.
    func dropOld(_ server: borrowing ServerConnection) throws(ServerError) {
        guard retentionDays > 0 else { return }
        let today = try Self.today(server)
        let all = try Self.names("'martlet.executions'::regclass, 'martlet.events'::regclass", server)
        let old = CivilDay(oldest(today)).digits
        guard all.contains(where: { $0.suffix(8) < old }) else { return }
        let first = CivilDay(oldest(try Self.newest(today, server))).digits
        for name in all where name.suffix(8) < first {
            // Dropping one locks the whole table: each for itself, so that it is short.
            try SchemaLock.hold(server) { server throws(ServerError) in
                try server.run("DROP TABLE IF EXISTS martlet.\(name)")
            }
        }
    }

    /// The first day that is kept, or that may have partitions where all are kept.
    private func oldest(_ today: Int32) -> Int32 {
        today - (retentionDays > 0 ? Int32(clamping: min(retentionDays, 1_000_000)) - 1 : Self.daysBack)
    }

    /// Makes a table beside the other one and attaches it, which stops neither readers nor writers of other days.
    private static func make(
        _ day: Int32,
        _ table: String,
        _ column: String,
        _ type: String,
        _ server: borrowing ServerConnection
    ) throws(ServerError) {
        let name = "martlet.\(table)_\(CivilDay(day).digits)"
        guard try server.value("SELECT to_regclass('\(name)')") == nil else { return }
        let (from, to) = (bound(day, type), bound(day + 1, type))
        // Rows of this day came when it was too far ahead: its partition could not be attached beside them.
        try server.run(
            """
            LOCK TABLE martlet.\(table)_default IN ACCESS EXCLUSIVE MODE;
            CREATE TABLE \(name) (LIKE martlet.\(table) INCLUDING ALL);
            WITH moved AS (DELETE FROM martlet.\(table)_default WHERE \(column) >= \(from) AND \(column) < \(to) RETURNING *)
            INSERT INTO \(name) SELECT * FROM moved;
            ALTER TABLE martlet.\(table) ATTACH PARTITION \(name) FOR VALUES FROM (\(from)) TO (\(to))
            """
        )
    }

    /// The day that retention counts from: a server's clock that is ahead must not drop days that nothing came after.
    private static func newest(_ today: Int32, _ server: borrowing ServerConnection) throws(ServerError) -> Int32 {
        for name in try names("'martlet.events'::regclass", server).reversed() {
            guard try server.value("SELECT 1 FROM martlet.\(name) LIMIT 1") != nil else { continue }
            let days = try server.value("SELECT to_date('\(name.suffix(8))', 'YYYYMMDD') - DATE '1970-01-01'")
            return min(today, days.flatMap { Int32($0) } ?? today)
        }
        return today
    }

    /// The partitions of these tables that are of a day, the oldest of each first.
    private static func names(_ tables: String, _ server: borrowing ServerConnection) throws(ServerError) -> [String] {
        try server.rows(
            """
            SELECT c.relname FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent IN (\(tables)) AND c.relname ~ '_[0-9]{8}$' ORDER BY 1
            """
        ).compactMap { $0.first.flatMap { $0 } }
    }

    /// The beginning of a day, as an SQL literal of the type.
    private static func bound(_ day: Int32, _ type: String) -> String {
        "\(type) '\(CivilDay(day).text)\(type == "date" ? "" : " 00:00:00+00")'"
    }

    /// The server's day, since 1970, UTC.
    private static func today(_ server: borrowing ServerConnection) throws(ServerError) -> Int32 {
        let text = try server.value("SELECT (now() AT TIME ZONE 'UTC')::date - DATE '1970-01-01'")
        guard let today = text.flatMap({ Int32($0) }) else {
            throw ServerError("the server does not tell its date")
        }
        return today
    }
}
