import Foundation
import PostgresLink
import Testing

extension Postgres {
    /// The tables of tcp-audit's sink.
    @Suite struct TCPAudit {
        /// As that project's sink makes them.
        private static let theirs = """
            CREATE TABLE tcp_events (uid TEXT PRIMARY KEY, timestamp TIMESTAMP, pid_on_cpu INTEGER, comm_on_cpu TEXT,
                src_ip INET, dst_ip INET, src_port INTEGER, dst_port INTEGER, old_state TEXT, new_state TEXT);
            CREATE TABLE tcp_events_socket_info (uid TEXT PRIMARY KEY, tcp_event_uid TEXT REFERENCES tcp_events (uid)
                ON DELETE CASCADE, id TEXT, inode INTEGER, user_id INTEGER, group_id INTEGER, state TEXT);
            INSERT INTO tcp_events VALUES ('old', now(), 1, 'curl', '10.0.0.1', '10.0.0.2', 1, 2, 'CLOSED', 'SYN-SENT');
            INSERT INTO tcp_events_socket_info VALUES ('old-info', 'old', 'ffff', 7, 0, 0, 'CONNECTING');
            """
        private static let large = "4294967294"

        private static func copies(_ uid: String, _ number: String?, comm: String = "curl") -> [(
            PostgresRelation, [UInt8]
        )] {
            let event: [String?] = [
                uid, "2026-11-21 19:30:15.595361", "4711", comm, "2001:db8::1", "::1", "40000", "443", "CLOSED",
                "SYN-SENT",
            ]
            let info: [String?] = [uid + "-info", uid, "ffff888287a8b780", number, number, number, "UNCONNECTED"]
            return [(.tcpEvents, Rows.text([event])), (.tcpEventsSocketInfo, Rows.text([info]))]
        }

        @Test func `An empty database gets both tables, and takes IPv6, large numbers, quotes and line ends`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            guard case .opened(let opened) = try helper.open(database.conninfo, .tcpAudit) else {
                Issue.record("not opened")
                return
            }
            #expect(!opened.hasNarrowColumns)
            let copies = Self.copies("u1", Self.large, comm: #"a'b"c\nd\te\\f"#)
            #expect(try helper.transact(copies, to: 1).position == 1)
            #expect(
                try database.query("SELECT src_ip, dst_ip, timestamp FROM tcp_events")
                    == "2001:db8::1|::1|2026-11-21 19:30:15.595361"
            )
            #expect(try database.query("SELECT comm_on_cpu = E'a\\'b\"c\\nd\\te\\\\f' FROM tcp_events") == "t")
            #expect(
                try database.query("SELECT inode, user_id, group_id FROM tcp_events_socket_info")
                    == "4294967294|4294967294|4294967294"
            )
            try database.query("DELETE FROM tcp_events")
            #expect(try database.count("tcp_events_socket_info") == 0)
        }

        @Test func `A database that tcp-audit made keeps its rows and takes ours`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            try database.query(Self.theirs)
            let helper = try Helper()
            guard case .opened(let opened) = try helper.open(database.conninfo, .tcpAudit) else {
                Issue.record("not opened")
                return
            }
            #expect(!opened.hasNarrowColumns)
            #expect(try helper.transact(Self.copies("u1", Self.large), to: 1).position == 1)
            let all =
                "SELECT e.uid, i.inode FROM tcp_events e JOIN tcp_events_socket_info i ON i.tcp_event_uid = e.uid ORDER BY 1"
            #expect(try database.query(all) == "old|7\nu1|4294967294")
        }

        @Test func `Where we may not widen its columns, a notice says so, and it is written all the same`() throws {
            let server = try PostgresServer.shared.get()
            let database = try server.makeDatabase()
            let writer = "tcp_\(database.name)"
            try database.query(
                Self.theirs + """
                    CREATE TABLE martlet_streams (id uuid PRIMARY KEY, host text NOT NULL, frame bigint NOT NULL,
                        events bigint NOT NULL, updated timestamptz NOT NULL);
                    CREATE ROLE \(writer) LOGIN; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO \(writer);
                    """
            )
            let helper = try Helper()
            let conninfo = "host=\(server.folder) user=\(writer) dbname=\(database.name)"
            guard case .opened(let opened) = try helper.open(conninfo, .tcpAudit) else {
                Issue.record("not opened")
                return
            }
            #expect(opened.hasNarrowColumns)
            #expect(
                helper.notices.contains { $0.contains("ALTER TABLE public.tcp_events_socket_info") },
                "\(helper.notices)"
            )
            #expect(try helper.transact(Self.copies("u1", nil), to: 1).position == 1)
            let answer = try helper.transact(Self.copies("u2", Self.large), to: 2)
            #expect(answer.reason == .rows)
            #expect(try database.count("tcp_events") == 2)
        }

        @Test func `The first schema of the search path is theirs and ours, whatever its name`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            try database.query(
                #"CREATE SCHEMA "Net ""1"; ALTER DATABASE \#(database.name) SET search_path = "Net ""1", public"#
            )
            let helper = try Helper()
            #expect(try helper.open(database.conninfo, .tcpAudit).position == 0)
            #expect(try helper.transact(Self.copies("u1", "1"), to: 1).position == 1)
            #expect(try database.count(#""Net ""1".tcp_events_socket_info"#) == 1)
            #expect(try database.query(#"SELECT frame FROM "Net ""1".martlet_streams"#) == "1")
        }
    }
}
