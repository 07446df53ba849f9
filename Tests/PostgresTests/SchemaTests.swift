import Foundation
import PostgresLink
import Testing

extension Postgres {
    /// How the tables come to be.
    @Suite struct Schema {
        @Test func `Agents that start at once on an empty database all begin`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helpers = try (0..<6).map { _ in try Helper() }
            for (index, helper) in helpers.enumerated() {
                var open = PostgresOpen()
                open.conninfo = database.conninfo
                open.stream = String(repeating: "\(index)", count: 32)
                try helper.send(.open(open))
            }
            for helper in helpers { #expect(try helper.receive().position == 0) }
            for helper in helpers {
                try helper.send(.begin)
                try helper.send(.days([Rows.today, Rows.today - 1]))
                try helper.send(.copy(.events, Rows.opens(100)))
                try helper.send(.commit(PostgresPosition(frame: 1, events: 0)))
            }
            for helper in helpers { #expect(try helper.receive().position == 1) }
            #expect(try database.count("martlet.events") == 600)
            #expect(try database.query("SELECT count(*), max(version) FROM martlet.schema_version") == "1|1")
        }

        @Test func `A newer schema is left as it is, and both versions are told`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            _ = try Helper().open(database.conninfo)
            try database.query("INSERT INTO martlet.schema_version VALUES (7, now())")
            let answer = try Helper().open(database.conninfo, stream: String(repeating: "c", count: 32))
            #expect(answer.reason == .unavailable)
            let text = answer.failureText
            #expect(text.contains("version 7") && text.contains("knows 1") && text.contains("upgrade"), "\(text)")
            #expect(try database.count("martlet.streams") == 1)
        }

        @Test func `A database that lacks characters is refused, and left as it is, and the right one is told`() throws
        {
            let server = try PostgresServer.shared.get()
            let database = try server.makeDatabase("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
            for layout in [PostgresLayout.martlet, .tcpAudit] {
                let answer = try Helper().open(database.conninfo, layout)
                #expect(answer.reason == .unavailable)
                #expect(answer.failureText.contains("LATIN1"), "\(answer.failureText)")
                #expect(answer.failureText.contains("ENCODING 'UTF8' TEMPLATE template0"), "\(answer.failureText)")
            }
            #expect(try database.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'martlet'") == "0")
        }

        @Test func `A database that takes all bytes takes all characters`() throws {
            let server = try PostgresServer.shared.get()
            let database = try server.makeDatabase(
                "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            )
            let helper = try Helper()
            #expect(try helper.open(database.conninfo).position == 0)
            #expect(try helper.transact([(.events, Rows.opens(1, path: "/tmp/ä€😀"))], to: 1).position == 1)
            #expect(try database.query("SELECT path FROM martlet.events") == "/tmp/ä€😀")
        }

        @Test func `A role that owns nothing but the schema suffices`() throws {
            let server = try PostgresServer.shared.get()
            let database = try server.makeDatabase()
            try database.query(
                "CREATE ROLE owner_\(database.name) LOGIN; CREATE SCHEMA martlet AUTHORIZATION owner_\(database.name)"
            )
            let helper = try Helper()
            let conninfo = "host=\(server.folder) user=owner_\(database.name) dbname=\(database.name)"
            #expect(try helper.open(conninfo, retentionDays: 7).position == 0)
            #expect(try helper.transact([(.events, Rows.opens(1))], to: 1).position == 1)
            #expect(helper.notices.isEmpty, "\(helper.notices)")
        }

        @Test func `A role that may only write does so, and is told when it cannot make a partition`() throws {
            let server = try PostgresServer.shared.get()
            let database = try server.makeDatabase()
            let owner = try Helper()
            #expect(try owner.open(database.conninfo).position == 0)
            #expect(try owner.transact([(.events, Rows.opens(1))], to: 1).position == 1)
            let writer = "writer_\(database.name)"
            try database.query(
                """
                CREATE ROLE \(writer) LOGIN; GRANT USAGE ON SCHEMA martlet TO \(writer);
                GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA martlet TO \(writer)
                """
            )
            let helper = try Helper()
            let conninfo = "host=\(server.folder) user=\(writer) dbname=\(database.name)"
            #expect(try helper.open(conninfo, stream: String(repeating: "c", count: 32)).position == 0)
            var execution = Rows()
            execution.addExecution("e")
            #expect(
                try helper.transact([(.executions, execution.bytes), (.events, Rows.opens(1))], to: 1).position == 1
            )
            let answer = try helper.transact([(.events, Rows.opens(1))], days: [Rows.today - 5], to: 2)
            #expect(answer.reason == .unavailable)
            #expect(answer.failureText.contains("own the schema"), "\(answer.failureText)")
        }

        @Test func `A table of somebody else's where ours would be stays, and what to do is told`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            try database.query("CREATE SCHEMA martlet; CREATE TABLE martlet.events (theirs int)")
            let answer = try Helper().open(database.conninfo)
            #expect(answer.reason == .unavailable)
            #expect(answer.failureText.contains("\"events\" already exists"), "\(answer.failureText)")
            #expect(answer.failureText.contains("is not martlet's: rename it"), "\(answer.failureText)")
            let tables = "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'martlet'"
            #expect(try database.query(tables) == "events")
            try database.query("ALTER TABLE martlet.events RENAME TO theirs")
            #expect(try Helper().open(database.conninfo).position == 0)
        }

        @Test func `A role that may make no temporary table is told where the SQL is, which suffices`() throws {
            let server = try PostgresServer.shared.get()
            let database = try server.makeDatabase()
            let role = "temporary_\(database.name)"
            try database.query(
                """
                CREATE ROLE \(role) LOGIN; CREATE SCHEMA martlet AUTHORIZATION \(role);
                REVOKE TEMPORARY ON DATABASE \(database.name) FROM PUBLIC
                """
            )
            let conninfo = "host=\(server.folder) user=\(role) dbname=\(database.name)"
            let answer = try Helper().open(conninfo)
            #expect(answer.failureText.contains("temporary"), "\(answer.failureText)")
            #expect(answer.failureText.contains("docs/sinks.md"), "\(answer.failureText)")
            try database.query("GRANT TEMPORARY ON DATABASE \(database.name) TO \(role)")
            #expect(try Helper().open(conninfo).position == 0)
        }

        @Test func `A role that may make no schema is told`() throws {
            let server = try PostgresServer.shared.get()
            let database = try server.makeDatabase()
            try database.query("CREATE ROLE nothing_\(database.name) LOGIN")
            let answer = try Helper().open(
                "host=\(server.folder) user=nothing_\(database.name) dbname=\(database.name)"
            )
            #expect(answer.reason == .unavailable)
            #expect(answer.failureText.contains("permission denied"), "\(answer.failureText)")
        }
    }
}
