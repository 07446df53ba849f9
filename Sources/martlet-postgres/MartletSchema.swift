import PostgresLink

/// Our own tables, and how older ones come to be as they are now.
///
/// Columns are what people filter by; what else an event or a process tells is JSON, so that a new field or kind is no
/// new schema. Both tables are in partitions by day, which go as a whole when they are too old.
enum MartletSchema {
    /// The session's own table that executions come into: they may be there already.
    private static let incoming = "pg_temp.martlet_executions"

    /// Makes or migrates the tables, where they are not as this version makes them.
    static func prepare(_ server: borrowing ServerConnection) throws(ServerError) -> Tables {
        // Earlier ones stop all readers while a partition is attached.
        guard server.versionNumber >= 120000 else {
            throw ServerError("this is PostgreSQL \(server.serverVersion): martlet's tables need 12 or later")
        }
        if try version(server) != migrations.count {
            try SchemaLock.hold(server) { server throws(ServerError) in
                // Not by IF NOT EXISTS, which asks for the right to create even where nothing is to be.
                if try server.value("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'martlet'") == nil {
                    try server.run("CREATE SCHEMA martlet")
                }
                // Another agent may have been first.
                for index in try version(server)..<migrations.count {
                    try server.run(migrations[index])
                    try server.run("INSERT INTO martlet.schema_version VALUES (\(index + 1), now())")
                }
            }
        }
        try server.run(
            "CREATE TEMPORARY TABLE martlet_executions (\(Tables.columns(.executions))) ON COMMIT DELETE ROWS"
        )
        return Tables(streams: "martlet.streams", copies: [.executions: incoming, .events: "martlet.events"])
    }

    /// How many migrations the database had; throws when those are more than we know.
    private static func version(_ server: borrowing ServerConnection) throws(ServerError) -> Int {
        let exists = try server.rows(
            "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                + "WHERE n.nspname = 'martlet' AND c.relname = 'schema_version'"
        )
        guard !exists.isEmpty else { return 0 }
        let version = try server.value("SELECT max(version) FROM martlet.schema_version").flatMap { Int($0) } ?? 0
        guard version <= migrations.count else {
            throw ServerError(
                "the schema martlet in this database has version \(version), and this martlet knows "
                    + "\(migrations.count): upgrade martlet, or choose another database"
            )
        }
        return version
    }

    /// Takes the executions that came over into their table. What became known of one later, such as its container's name,
    /// is taken over; the details, which only some events of it bring, stay.
    static var mergeExecutions: String {
        let names = PostgresRelation.executions.columns.map { "\"\($0.name)\"" }
        let chosen = names.map { name in
            name != "\"detail\""
                ? name
                : "first_value(detail) OVER (PARTITION BY exec_id, day ORDER BY detail IS NULL, ctid DESC) AS detail"
        }
        return """
            INSERT INTO martlet.executions AS x (\(names.joined(separator: ", ")))
            SELECT DISTINCT ON (exec_id, day) \(chosen.joined(separator: ", ")) FROM \(incoming)
            ORDER BY exec_id, day, ctid DESC
            ON CONFLICT (exec_id, day) DO UPDATE SET
                process = excluded.process, detail = coalesce(excluded.detail, x.detail),
                parent_exec_id = coalesce(excluded.parent_exec_id, x.parent_exec_id),
                "binary" = coalesce(excluded."binary", x."binary"),
                container = coalesce(excluded.container, x.container), pod = coalesce(excluded.pod, x.pod)
            WHERE x.process IS DISTINCT FROM excluded.process OR x.detail IS NULL AND excluded.detail IS NOT NULL
                OR x.parent_exec_id IS NULL AND excluded.parent_exec_id IS NOT NULL
                OR x.container IS DISTINCT FROM coalesce(excluded.container, x.container)
                OR x.pod IS DISTINCT FROM coalesce(excluded.pod, x.pod)
            """
    }

    private static let migrations = [version1]

    // Text that is looked up compares by bytes: that is cheaper than a language's order, and lets an index find prefixes.
    // An index holds at most 2,704 bytes of a value, and a path may have 4,096: its beginning is indexed, or a long name
    // could keep a batch of events out.
    private static var version1: String {
        let text = "COLLATE \"C\""
        let event = Tables.columns(
            .events,
            [
                "time": "NOT NULL", "kind": "\(text) NOT NULL", "host": "\(text) NOT NULL", "exec_id": text,
                "parent_exec_id": text, "binary": text, "container": text, "pod": text, "path": text,
            ]
        )
        let execution = Tables.columns(
            .executions,
            [
                "day": "NOT NULL", "exec_id": "\(text) NOT NULL", "parent_exec_id": text, "host": "\(text) NOT NULL",
                "binary": text, "container": text, "pod": text, "process": "NOT NULL",
            ]
        )
        return """
            CREATE TABLE martlet.schema_version (version integer PRIMARY KEY, installed timestamptz NOT NULL);
            \(Tables.streams(named: "martlet.streams"));
            CREATE TABLE martlet.executions (\(execution), PRIMARY KEY (exec_id, day)) PARTITION BY RANGE (day);
            CREATE TABLE martlet.events (\(event)) PARTITION BY RANGE (time);
            CREATE TABLE martlet.executions_default PARTITION OF martlet.executions DEFAULT;
            CREATE TABLE martlet.events_default PARTITION OF martlet.events DEFAULT;
            CREATE INDEX executions_parent ON martlet.executions (parent_exec_id);
            CREATE INDEX events_time ON martlet.events (time);
            CREATE INDEX events_exec_id ON martlet.events (exec_id);
            CREATE INDEX events_path ON martlet.events (\(MartletViews.path)) WHERE path IS NOT NULL;
            CREATE INDEX events_program ON martlet.events (\(MartletViews.program));
            CREATE INDEX events_container ON martlet.events (container) WHERE container IS NOT NULL;
            CREATE INDEX events_dst_addr ON martlet.events (dst_addr) WHERE dst_addr IS NOT NULL;
            CREATE INDEX events_src_addr ON martlet.events (src_addr) WHERE src_addr IS NOT NULL;
            \(MartletViews.all)
            """
    }
}
