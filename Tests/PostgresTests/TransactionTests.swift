import Foundation
import Glibc
import PostgresLink
import Testing

extension Postgres {
    /// Rows and position come together, or not at all.
    @Suite struct Transactions {
        @Test func `A reader sees rows and position change at once`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            #expect(try helper.open(database.conninfo).position == 0)
            try helper.send(.begin)
            try helper.send(.days([Rows.today]))
            try helper.send(.copy(.events, Rows.opens(100)))
            try helper.send(.copy(.events, Rows.opens(50)))
            #expect(try database.query("SELECT frame FROM martlet.streams") == "0")
            #expect(try database.count("martlet.events") == 0)
            try helper.send(.commit(PostgresPosition(frame: 7, events: 3)))
            #expect(try helper.receive() == .committed(PostgresPosition(frame: 7, events: 3)))
            #expect(try database.query("SELECT frame, events, host FROM martlet.streams") == "7|3|vm")
            #expect(try database.count("martlet.events") == 150)
            #expect(helper.close() == 0)
            guard case .opened(let opened) = try Helper().open(database.conninfo) else {
                Issue.record("not opened")
                return
            }
            #expect(opened.position == PostgresPosition(frame: 7, events: 3))
        }

        @Test func `Rows that are refused are told as such, and the connection serves on`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            let backend = try database.server.backend(database)
            var zero = Rows()
            zero.addEvent(1, detail: #"{"name":"a\u0000b"}"#)
            var text = Rows()
            text.addEvent(1, path: "a\0b")
            for rows in [zero.bytes, text.bytes, [0, 3, 1, 2], Array(Rows.opens(2).dropLast(3))] {
                let answer = try helper.transact([(.events, Rows.opens(10)), (.events, rows)], to: 1)
                #expect(answer.reason == .rows, "\(answer)")
                #expect(try helper.open(database.conninfo).position == 0)
            }
            #expect(try helper.transact([(.events, Rows.opens(10))], to: 1).position == 1)
            #expect(try database.count("martlet.events") == 10)
            #expect(try database.server.backend(database) == backend)
        }

        @Test func `Of two helpers of one stream only one writes`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let (first, second) = (try Helper(), try Helper())
            #expect(try first.open(database.conninfo).position == 0)
            #expect(try second.open(database.conninfo).position == 0)
            #expect(try first.transact([(.events, Rows.opens(10))], to: 1).position == 1)
            let answer = try second.transact([(.events, Rows.opens(10))], to: 1)
            #expect(answer.reason == .unavailable)
            #expect(answer.failureText.contains("another process writes this stream"), "\(answer.failureText)")
            #expect(try second.open(database.conninfo).position == 1)
            #expect(try database.count("martlet.events") == 10)
        }

        @Test func `An open waits for the transaction of a helper that was left behind`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let (old, new) = (try Helper(), try Helper())
            _ = try old.open(database.conninfo)
            try old.send(.begin)
            try old.send(.days([Rows.today]))
            try old.send(.copy(.events, Rows.opens(10)))
            #expect(try eventually { try database.query(Self.locks) != "0" })
            var open = PostgresOpen()
            open.conninfo = database.conninfo
            open.stream = String(repeating: "ab", count: 16)
            try new.send(.open(open))
            #expect(try eventually { try database.query("SELECT count(*) FROM pg_locks WHERE NOT granted") == "1" })
            try old.send(.commit(PostgresPosition(frame: 1, events: 0)))
            #expect(try old.receive().position == 1)
            #expect(try new.receive().position == 1)
        }

        /// Row locks are not in pg_locks, but that of their table is.
        private static let locks =
            "SELECT count(*) FROM pg_locks WHERE relation = 'martlet.streams'::regclass AND mode = 'RowShareLock'"

        @Test func `A table that stays locked is a failure of the server, and later it goes on`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            let conninfo = database.conninfo + " options='-c lock_timeout=300ms'"
            #expect(try helper.open(conninfo).position == 0)
            let psql = try Locker(database, "martlet.events")
            let answer = try helper.transact([(.events, Rows.opens(10))], to: 1)
            #expect(answer.reason == .unavailable)
            #expect(answer.failureText.contains("lock timeout"), "\(answer.failureText)")
            psql.end()
            #expect(try helper.open(conninfo).position == 0)
            #expect(try helper.transact([(.events, Rows.opens(10))], to: 1).position == 1)
            #expect(try database.count("martlet.events") == 10)
        }

        @Test func `A database that only reads is a failure of the server`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            #expect(try helper.open(database.conninfo).position == 0)
            try database.query("ALTER DATABASE \(database.name) SET default_transaction_read_only = on")
            let answer = try Helper().open(database.conninfo)
            #expect(answer.reason == .unavailable)
            #expect(answer.failureText.contains("read-only"), "\(answer.failureText)")
            try database.server.query("ALTER DATABASE \(database.name) RESET ALL")
            // Its session began before.
            #expect(try helper.transact([(.events, Rows.opens(10))], to: 1).position == 1)
        }

        @Test func `An execution that comes again is taken over where more is known of it`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            var rows = Rows()
            rows.addExecution("e1", detail: #"{"argv":["cat"]}"#)
            rows.addExecution("e1", process: #"{"docker":"c1"}"#)
            rows.addExecution("e2")
            #expect(try helper.transact([(.executions, rows.bytes), (.events, Rows.opens(1))], to: 1).position == 1)
            let all = "SELECT exec_id, process, detail, container FROM martlet.executions ORDER BY 1"
            #expect(
                try database.query(all) == """
                    e1|{"docker": "c1"}|{"argv": ["cat"]}|
                    e2|{"cwd": "/", "uid": 0, "arguments": "/etc/hostname"}||
                    """
            )
            rows = Rows()
            rows.addExecution("e1", process: #"{"docker":"c1","name":"web"}"#, container: "web")
            #expect(try helper.transact([(.executions, rows.bytes)], to: 2).position == 2)
            rows = Rows()
            rows.addExecution("e1", process: #"{"docker":"c1","name":"web"}"#)
            #expect(try helper.transact([(.executions, rows.bytes)], to: 3).position == 3)
            #expect(try database.query(all).hasPrefix(#"e1|{"name": "web", "docker": "c1"}|{"argv": ["cat"]}|web"#))
        }
    }
}
