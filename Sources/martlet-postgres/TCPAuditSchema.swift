import PostgresLink

/// The two tables of tcp-audit's sink, in the first schema of the search path, and ours beside them.
enum TCPAuditSchema {
    /// Makes the tables, where they are not there, and has those of tcp-audit take numbers of 64 bits.
    static func prepare(
        _ server: borrowing ServerConnection,
        _ notices: inout [String]
    ) throws(ServerError) -> Tables {
        guard let schema = try server.value("SELECT quote_ident(current_schema())") else {
            throw ServerError("no schema of the search path exists: create one, or set search_path")
        }
        let names = ["tcp_events", "tcp_events_socket_info", "martlet_streams"]
        let definitions = [
            "CREATE TABLE \(schema).tcp_events (\(Tables.columns(.tcpEvents, ["uid": "PRIMARY KEY"])))",
            """
            CREATE TABLE \(schema).tcp_events_socket_info (\(Tables.columns(.tcpEventsSocketInfo, [
                "uid": "PRIMARY KEY", "tcp_event_uid": "REFERENCES \(schema).tcp_events (uid) ON DELETE CASCADE",
            ])))
            """,
            Tables.streams(named: "\(schema).martlet_streams"),
        ]
        // Not by IF NOT EXISTS, which asks for the right to create even where nothing is to be.
        if try missing(names, server).count > 0 {
            try SchemaLock.hold(server) { server throws(ServerError) in
                let missing = try missing(names, server)
                for (name, sql) in zip(names, definitions) where missing.contains(name) { try server.run(sql) }
            }
        }
        var tables = Tables(
            streams: "\(schema).martlet_streams",
            copies: [
                .tcpEvents: "\(schema).tcp_events", .tcpEventsSocketInfo: "\(schema).tcp_events_socket_info",
            ]
        )
        for sql in try widenings(server, schema) {
            do throws(ServerError) { try server.run(sql) } catch {
                tables.hasNarrowColumns = true
                notices.append(
                    "columns of tcp-audit hold 32 bits, larger numbers will be NULL: \(error.message): "
                        + "run this as the owner, at a quiet time: \(sql)"
                )
            }
        }
        return tables
    }

    private static func missing(
        _ names: [String],
        _ server: borrowing ServerConnection
    ) throws(ServerError) -> [String] {
        let rows = try server.rows(
            "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                + "WHERE n.nspname = current_schema()"
        )
        let present = Set(rows.compactMap { $0.first.flatMap { $0 } })
        return names.filter { !present.contains($0) }
    }

    /// What makes columns of 32 bits as wide as ours: a statement for each table, which is written anew once.
    private static func widenings(
        _ server: borrowing ServerConnection,
        _ schema: String
    ) throws(ServerError) -> [String] {
        var statements: [String] = []
        for (table, relation) in [
            ("tcp_events", PostgresRelation.tcpEvents), ("tcp_events_socket_info", .tcpEventsSocketInfo),
        ] {
            let wide = relation.columns.filter { $0.type == "BIGINT" }.map { "'\($0.name)'" }.joined(separator: ", ")
            let rows = try server.rows(
                """
                SELECT a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = current_schema() AND c.relname = '\(table)' AND a.attname IN (\(wide))
                    AND a.atttypid = 'integer'::regtype ORDER BY a.attnum
                """
            )
            let changes = rows.compactMap { $0.first.flatMap { $0 } }.map { "ALTER COLUMN \($0) TYPE BIGINT" }
            if !changes.isEmpty {
                statements.append("ALTER TABLE \(schema).\(table) \(changes.joined(separator: ", "))")
            }
        }
        return statements
    }
}
