import CWire
import Fixtures
import Formats
import Foundation
import Glibc
import Logging
import Model
import Outputs
import PostgresLink
import Testing

extension Postgres {
    /// Events on the whole way: batches, sink, launcher, helper, a real server.
    @Suite struct Sinks {
        private let origin = StreamOrigin(node: "node-1", boot: Array(0..<16), start: 4711)

        private func sink(_ database: Database, _ layout: PostgresLayout = .martlet) throws -> PostgresSink {
            var target = PostgresTarget()
            target.conninfo = database.conninfo
            target.layout = layout
            target.host = "node-1"
            let launcher = try ProgramLauncher(Products.helper(), uid: geteuid(), gid: getegid())
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            return PostgresSink(target, name: "postgres", launcher: launcher, logger: logger)
        }

        private func spooled(_ batches: [EventBatch]) -> [SpooledBatch] {
            batches.enumerated().map { SpooledBatch(frame: UInt64($0), origin: origin, batch: $1) }
        }

        private static let begin = SpoolPosition(frame: 0, events: 0)

        /// Hangs no longer than a test may.
        private func write(
            _ sink: PostgresSink,
            _ batches: [SpooledBatch],
            from position: SpoolPosition = begin
        ) -> PositionedResult {
            let deadline = ContinuousClock.now + .seconds(60)
            return sink.write(batches, from: position) { ContinuousClock.now > deadline }
        }

        private static let odd: [[UInt8]] = [
            Records.open(Who(41, start: 5000), at: 5301, name: "a\"b\\c\u{1b}\n", path: "/ä/'\u{202e}\t\n"),
            Records.open(Who(41, start: 5000), at: 5302) { $0.body.path.text = $0.text([0x2f, 0xff, 0x5c, 0x41]) },
            Records.open(Who(41, start: 5000), at: 5303) { $0.body.path.text = $0.text([0x2f, 0, 0x41]) },
            Records.open(Who(41, start: 5000), at: 5304) { $0.header.uid = .max },
            Records.tcp(owner: Who(41, start: 5000), onCPU: Who(41, start: 5000), at: 5451) {
                $0.body.family = 10
                $0.body.inode = 1 << 40
                $0.body.uid = .max
                withUnsafeMutableBytes(of: &$0.body.saddr) {
                    $0.copyBytes(from: [0xfe, 0x80] as [UInt8] + [UInt8](repeating: 0, count: 13) + [1])
                }
            },
        ]

        @Test func `Each event is a row, with its JSON in two parts, and each execution one a day`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let pipeline = Pipeline()
            let batches = [pipeline.batch(Records.ofEachKind()), pipeline.batch(Self.odd, late: true)]
            let result = try write(sink(database), spooled(batches))
            #expect(result.problem == nil && result.position == SpoolPosition(frame: 2, events: 0))
            #expect(try database.count("martlet.events") == batches.reduce(0) { $0 + $1.events.count })
            #expect(try database.count("martlet.executions") == 4)
            let kinds = try database.query("SELECT kind FROM martlet.events WHERE NOT late ORDER BY time, kind")
            let expected = batches[0].events.map { "\($0.kind.name)" }
            #expect(kinds.split(separator: "\n").map(String.init).sorted() == expected.sorted())
            #expect(
                try database.query(
                    "SELECT time, host, boot, agent_start, pid, tid, uid, exec_id, parent_exec_id, \"binary\", path, "
                        + "detail ->> 'operation' FROM martlet.events WHERE detail ->> 'path' = '/etc/motd' AND NOT late"
                )
                    == "2025-11-24 16:00:00.000005+00|node-1|00010203-0405-0607-0809-0a0b0c0d0e0f|4711|41|41|1000|"
                    + "bm9kZS0xOjUyMDA6NDE=|bm9kZS0xOjQwMDA6NDA=|/usr/bin/cat|/etc/motd|openat"
            )
            #expect(
                try database.query(
                    "SELECT day, pid, started, \"binary\", process ->> 'arguments', detail -> 'cap' -> 'effective' "
                        + "FROM martlet.executions WHERE exec_id = 'bm9kZS0xOjUyMDA6NDE='"
                )
                    == "2025-11-24|41|2025-11-24 16:00:00.000005+00|/usr/bin/cat|\"two words\" ü|"
                    + #"["CAP_SYS_ADMIN", "0x1000000000000000"]"#
            )
        }

        @Test func `Hostile names, IPv6 and large numbers arrive`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let batches = [Pipeline().batch([Records.clock(wall: 0, at: 0)] + Self.odd)]
            #expect(try write(sink(database), spooled(batches)).problem == nil)
            let paths = try database.query(
                "SELECT encode(convert_to(path, 'UTF8'), 'hex') FROM martlet.events WHERE kind = 'open' ORDER BY time, uid, path"
            )
            func hex(_ text: String) -> String {
                text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
            let expected = ["/ä/'\u{202e}\t\n", #"/\xff\\A"#, #"/\x00A"#, "/etc/motd"].map(hex)
            #expect(paths.split(separator: "\n").map(String.init).sorted() == expected.sorted())
            #expect(
                try database.query("SELECT count(*) FROM martlet.events WHERE path IS DISTINCT FROM detail ->> 'path'")
                    == "0"
            )
            #expect(try database.query("SELECT max(uid) FROM martlet.events") == "4294967295")
            #expect(
                try database.query(
                    "SELECT src_addr, src_port, dst_port, detail -> 'socket' ->> 'inode', detail -> 'socket' ->> 'uid' "
                        + "FROM martlet.events WHERE kind = 'tcp'"
                ) == "fe80::1|40000|443|1099511627776|4294967295"
            )
        }

        @Test func `What is there already is not written again, by whichever agent`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let batches = spooled((0..<4).map { _ in Pipeline().batch(Records.ofEachKind()) })
            let count = batches[0].batch.events.count
            #expect(try write(sink(database), Array(batches[..<3])).problem == nil)
            let result = try write(sink(database), batches)
            #expect(result.problem == nil && result.position == SpoolPosition(frame: 4, events: 0))
            #expect(try database.count("martlet.events") == 4 * count)
            #expect(
                try write(sink(database), Array(batches[..<1])).position == SpoolPosition(frame: 4, events: 0)
            )
        }

        @Test func `Events that a rule of the database's owner refuses are found, and keep no other out`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let sink = try sink(database)
            let pipeline = Pipeline()
            let batches = spooled(
                (0..<4).map { batch in
                    pipeline.batch(
                        (0..<100).map {
                            Records.open(Who(40, start: 4000), at: $0, path: "/\(batch * 100 + Int($0))")
                        }
                    )
                }
            )
            #expect(write(sink, [batches[0]]).problem == nil)
            try database.query("ALTER TABLE martlet.events ADD CHECK (path NOT IN ('/199', '/200', '/399')) NOT VALID")
            var (refused, position) = ([SpoolPosition](), SpoolPosition(frame: 1, events: 0))
            while true {
                let result = write(sink, Array(batches[1...]), from: position)
                guard case .refused(let failure) = result.problem else {
                    #expect(result.problem == nil && result.position == SpoolPosition(frame: 4, events: 0))
                    break
                }
                #expect(failure.description.contains("check constraint"))
                refused.append(result.position)
                position = SpoolPosition(frame: result.position.frame, events: result.position.events + 1)
                if refused.count > 3 { break }
            }
            #expect(
                refused == [(1, 99), (2, 0), (3, 99)].map { SpoolPosition(frame: $0, events: $1) }
            )
            #expect(try database.query("SELECT count(*), count(DISTINCT path) FROM martlet.events") == "397|397")
        }

        @Test func `A server that crashes costs nothing that is written again`() throws {
            let server = try PostgresServer()
            let database = try server.makeDatabase()
            let sink = try sink(database)
            let batches = spooled((0..<3).map { _ in Pipeline().batch(Records.ofEachKind()) })
            let count = batches[0].batch.events.count
            #expect(write(sink, [batches[0]]).problem == nil)
            server.stop(SIGQUIT)
            for _ in 0..<2 {
                let result = write(sink, [batches[1]], from: SpoolPosition(frame: 1, events: 0))
                guard case .failed = result.problem else {
                    Issue.record("\(result)")
                    return
                }
                #expect(result.position == SpoolPosition(frame: 1, events: 0))
            }
            try server.start()
            #expect(write(sink, Array(batches[1...]), from: SpoolPosition(frame: 1, events: 0)).problem == nil)
            #expect(try database.count("martlet.events") == 3 * count)
        }

        @Test func `Connections are rows of tcp-audit's tables`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let batches = [Pipeline().batch(Records.ofEachKind()), Pipeline().batch(Self.odd)]
            let result = try write(sink(database, .tcpAudit), spooled(batches))
            #expect(result.problem == nil && result.position == SpoolPosition(frame: 2, events: 0))
            #expect(
                try database.query(
                    "SELECT timestamp, pid_on_cpu, comm_on_cpu, src_ip, dst_ip, src_port, dst_port, old_state, new_state, id, "
                        + "inode, user_id, group_id, state FROM tcp_events e JOIN tcp_events_socket_info s "
                        + "ON s.tcp_event_uid = e.uid ORDER BY timestamp DESC"
                ) == """
                    2025-11-24 16:00:00.000005|41|curl|10.0.0.1|10.0.0.2|40000|443|SYN-SENT|ESTABLISHED|ffff888012345678|31337|1000|100|CONNECTING
                    1970-01-01 00:00:00.000005|41|curl|fe80::1|a00:2::|40000|443|SYN-SENT|ESTABLISHED|ffff888012345678|1099511627776|4294967295|100|CONNECTING
                    """
            )
        }
    }
}
