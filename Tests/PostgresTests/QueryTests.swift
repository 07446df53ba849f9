import Foundation
import PostgresLink
import Testing

extension Postgres {
    /// The queries of docs/sinks.md.
    @Suite struct Queries {
        /// A query, and the indexes of which it must use one.
        static let documented: [(sql: String, index: String)] = [
            (
                "SELECT time, program, kind, path FROM martlet.activity WHERE time >= '\(day) 00:00:07Z' AND time < '\(day) 00:00:07.01Z' ORDER BY time",
                "time_idx"
            ),
            ("SELECT time, host, program, path FROM martlet.activity ORDER BY time DESC LIMIT 20", "time_idx"),
            (
                "SELECT time, host, program, arguments, parent_program FROM martlet.activity WHERE path = '/etc/p77'",
                "left_idx "
            ),
            ("SELECT time, program, path, error FROM martlet.files WHERE path LIKE '/etc/p77%'", "left_idx "),
            ("SELECT time, kind, path FROM martlet.activity WHERE program = '/usr/bin/t77'", "left_idx1"),
            ("SELECT time, kind, path FROM martlet.activity WHERE exec_id = 'exec-77'", "exec_id_idx"),
            ("SELECT program, arguments FROM martlet.processes WHERE parent_exec_id = 'exec-77'", "parent_exec_id_idx"),
            ("SELECT time, kind, program FROM martlet.activity WHERE container = 'c77'", "container_idx"),
            ("SELECT time, program, dst_port FROM martlet.connections WHERE dst_addr = '10.0.0.77'", "dst_addr_idx"),
            ("SELECT time, program FROM martlet.connections WHERE src_addr = '10.0.0.77'", "src_addr_idx"),
        ]

        private static let day = ISO8601DateFormatter.string(
            from: Date(timeIntervalSince1970: Double(Rows.today) * 86400),
            timeZone: .gmt,
            formatOptions: .withFullDate
        )

        @Test func `Each documented query uses an index`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            var events = Rows()
            var executions = Rows()
            for number in 0..<30_000 {
                let group = number % 300
                let isConnection = number % 10 == 3
                events.addEvent(
                    number * 1000,
                    kind: isConnection ? "tcp" : "open",
                    path: isConnection ? nil : "/etc/p\(group)",
                    exec: "exec-\(group)",
                    source: isConnection ? [10, 0, 0, UInt8(number / 10 % 200)] : nil,
                    container: number % 3 == 0 ? "c\(group)" : nil,
                    program: "/usr/bin/t\(group)"
                )
            }
            for number in 0..<3000 { executions.addExecution("exec-\(number)", parent: "exec-\(number / 10)") }
            let copies = [(PostgresRelation.executions, executions.bytes), (.events, events.bytes)]
            #expect(try helper.transact(copies, to: 1).position == 1)
            try database.query("ANALYZE")
            for (sql, index) in Self.documented {
                let plan = try database.query("EXPLAIN \(sql)")
                let pattern = try Regex("(using|on) (events|executions)_[0-9]{8}_\(index)")
                #expect(plan.contains(pattern), "\(sql)\n\(plan)")
                // Tables without rows are read as they are, and so may be a table of executions that is small.
                #expect(!plan.contains("Seq Scan on events_\(Self.day.replacing("-", with: ""))"), "\(sql)\n\(plan)")
            }
        }

        @Test func `Activity tells the process and its parent`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            var executions = Rows()
            executions.addExecution("exec-1", parent: "exec-0")
            executions.addExecution("exec-0", process: #"{"arguments":"-c date"}"#)
            #expect(
                try helper.transact([(.executions, executions.bytes), (.events, Rows.opens(1))], to: 1).position == 1
            )
            let row = try database.query(
                "SELECT program, arguments, parent_program, parent_arguments, path FROM martlet.activity"
            )
            #expect(row == "/usr/bin/cat|/etc/hostname|/usr/bin/cat|-c date|/etc/hostname")
            #expect(try database.query("SELECT operation, result FROM martlet.files") == "openat|3")
        }
    }
}
