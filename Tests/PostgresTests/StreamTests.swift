import Foundation
import PostgresLink
import Testing

extension Postgres {
    /// How far each stream of events came: an agent has a new one at each start.
    @Suite struct Streams {
        private static let names = ["a", "b"].map { String(repeating: $0, count: 32) }

        @Test(arguments: [PostgresLayout.martlet, .tcpAudit])
        func `Streams take turns over one connection, each with its own position`(layout: PostgresLayout) throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            #expect(try helper.open(database.conninfo, layout, stream: Self.names[0]).position == 0)
            let backend = try #require(try database.server.backend(database))
            for turn in UInt64(0)..<5 {
                for (index, stream) in Self.names.enumerated() {
                    let before = turn == 0 ? 0 : turn * 10 + UInt64(index)
                    #expect(try helper.open(database.conninfo, layout, stream: stream).position == before)
                    let after = (turn + 1) * 10 + UInt64(index)
                    let copies = layout == .martlet ? [(PostgresRelation.events, Rows.opens(3))] : []
                    #expect(try helper.transact(copies, to: after).position == after)
                }
            }
            #expect(try database.server.backend(database) == backend)
            #expect(helper.close() == 0)
            #expect(helper.notices.isEmpty, "\(helper.notices)")
            let table = layout == .martlet ? "martlet.streams" : "martlet_streams"
            #expect(try database.query("SELECT string_agg(frame::text, ' ' ORDER BY id) FROM \(table)") == "50 51")
            if layout == .martlet { #expect(try database.count("martlet.events") == 30) }
        }

        @Test func `A turn takes back what the stream before had not committed`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            #expect(try helper.open(database.conninfo, stream: Self.names[0]).position == 0)
            try helper.send(.begin)
            try helper.send(.days([Rows.today]))
            try helper.send(.copy(.events, Rows.opens(3)))
            #expect(try helper.transact([(.events, Rows.opens(3))], to: 9).reason == .unavailable)
            #expect(try helper.open(database.conninfo, stream: Self.names[1]).position == 0)
            #expect(try helper.transact([(.events, Rows.opens(1))], to: 1).position == 1)
            #expect(try helper.open(database.conninfo, stream: Self.names[0]).position == 0)
            #expect(try database.count("martlet.events") == 1)
        }

        @Test(arguments: [PostgresLayout.martlet, .tcpAudit])
        func `Streams that ended long ago are deleted, others stay`(layout: PostgresLayout) throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let table = layout == .martlet ? "martlet.streams" : "martlet_streams"
            #expect(try Helper().open(database.conninfo, layout, stream: Self.names[0]).position == 0)
            try database.query(
                """
                UPDATE \(table) SET updated = now() - interval '399 days';
                INSERT INTO \(table) SELECT gen_random_uuid(), 'vm', 1, 0, now() - interval '401 days'
                FROM generate_series(1, 5)
                """
            )
            let helper = try Helper()
            #expect(try helper.open(database.conninfo, layout, stream: Self.names[1]).position == 0)
            #expect(helper.close() == 0)
            #expect(helper.notices.isEmpty, "\(helper.notices)")
            #expect(try database.count(table) == 2)
        }

        @Test func `A role that may not delete leaves them, without a word`() throws {
            let server = try PostgresServer.shared.get()
            let database = try server.makeDatabase()
            #expect(try Helper().open(database.conninfo, stream: Self.names[0]).position == 0)
            let writer = "streams_\(database.name)"
            try database.query(
                """
                UPDATE martlet.streams SET updated = now() - interval '401 days';
                CREATE ROLE \(writer) LOGIN; GRANT USAGE, CREATE ON SCHEMA martlet TO \(writer);
                GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA martlet TO \(writer)
                """
            )
            let helper = try Helper()
            let conninfo = "host=\(server.folder) user=\(writer) dbname=\(database.name)"
            #expect(try helper.open(conninfo, stream: Self.names[1]).position == 0)
            #expect(helper.close() == 0)
            #expect(!helper.notices.contains { $0.contains("streams") }, "\(helper.notices)")
            #expect(try database.count("martlet.streams") == 2)
        }
    }
}
