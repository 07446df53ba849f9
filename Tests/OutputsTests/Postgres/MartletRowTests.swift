import CWire
import Fixtures
import Formats
import Model
import PostgresLink
import Testing

/// Events and executions as rows of Martlet's own tables.
@Suite struct MartletRowTests {
    private let child = Who(41, start: 5000)

    /// The executions of what `Records.ofEachKind` has.
    private enum ID {
        static let first = "bm9kZS0xOjA6MQ=="
        static let shell = "bm9kZS0xOjQwMDA6NDA="
        static let fork = "bm9kZS0xOjUwMDA6NDE="
        static let child = "bm9kZS0xOjUyMDA6NDE="
    }

    @Test func oneEventOfEachKindBecomesTheseRows() {
        let boot = (0..<16).map { String($0, radix: 16) }.joined(separator: ".")
        let columns = Postgres.rows(Records.ofEachKind()).map { row in
            #expect(row.text("host") == "node-1" && row.number("agent_start") == 4711)
            #expect(row["boot"].map { $0 == Array(0..<16) } == true, "\(boot)")
            return [
                row.text("kind"), row.number("pid").map { "\($0)" }, row.number("tid").map { "\($0)" },
                row.number("uid").map { "\($0)" }, row.text("exec_id"), row.text("parent_exec_id"), row.text("binary"),
                row.text("path"),
            ].map { $0 ?? "-" }.joined(separator: " ")
        }
        let expected =
            [
                "snapshot 1 1 1000 \(ID.first) - /usr/sbin/init /usr/sbin/init",
                "snapshot 40 40 1000 \(ID.shell) \(ID.first) /usr/bin/bash /usr/bin/bash",
                "fork 41 41 1000 \(ID.fork) \(ID.shell) /usr/bin/bash /usr/bin/bash",
                "exec-failed 41 41 1000 \(ID.fork) \(ID.shell) /usr/bin/bash /no/such",
                "exec 41 41 1000 \(ID.child) \(ID.shell) /usr/bin/cat /usr/bin/cat",
                "open 41 41 1000 \(ID.child) \(ID.shell) /usr/bin/cat /etc/motd",
                "open 41 41 1000 \(ID.child) \(ID.shell) /usr/bin/cat motd",
                "tcp 41 41 1000 \(ID.child) \(ID.shell) /usr/bin/cat -",
                "tcp-drop - - - - - - -", "breakout 41 41 1000 \(ID.child) \(ID.shell) /usr/bin/cat /etc/shadow",
                "exit 41 41 1000 \(ID.child) \(ID.shell) /usr/bin/cat /usr/bin/cat",
                "heartbeat - - - - - - -", "loss - - - - - - -",
                "shell 40 40 1000 \(ID.shell) \(ID.first) /usr/bin/bash /usr/bin/bash", "container - - - - - - -",
            ]
            + ["kprobe", "tracepoint", "uprobe", "usdt", "lsm", "loader"].map {
                "\($0) 40 40 1000 \(ID.shell) \(ID.first) /usr/bin/bash /etc/passwd"
            }
        #expect(columns == expected)
    }

    /// What the JSON line says of an event alone is what `detail` says.
    @Test func theDetailIsTheRestOfTheLine() throws {
        let pipeline = Pipeline()
        let lines = Pipeline.lines(pipeline.text(pipeline.batch(Records.ofEachKind()), .json))
        let rows = Postgres.rows(Records.ofEachKind())
        #expect(rows.count == lines.count)
        for (row, line) in zip(rows, lines) {
            guard let detail = row.json("detail") else { continue }
            #expect(line.contains(detail.dropFirst().dropLast()), "\(detail)")
        }
        let kinds = rows.filter { $0.json("detail") == nil }.compactMap { $0.text("kind") }
        #expect(kinds == ["snapshot", "snapshot", "fork", "exec"])
    }

    @Test func aRowIsTheseBytes() throws {
        let database = FakeDatabase()
        let records = [
            Records.clock(wall: 1_764_000_000_000_000_000, at: 0),
            Records.loss(kind: 5, reason: 0, count: 12, at: 5700),
        ]
        let batch = Postgres.spooled([Pipeline().batch(records)])
        #expect(Postgres.sink(database).write(batch, from: .init(frame: 0, events: 0)) { false }.problem == nil)
        let copy = try #require(database.transactions.first?.copies.first)
        var bytes: [UInt8] = [0, 22]
        func add(_ column: [UInt8]?) {
            withUnsafeBytes(of: Int32(column?.count ?? -1).bigEndian) { bytes += $0 }
            bytes += column ?? []
        }
        // 2025-11-24 16:00:00.000005 UTC
        add([0x00, 0x02, 0xe7, 0x58, 0x06, 0x2a, 0x60, 0x05])
        add(Array("loss".utf8))
        add(Array("node-1".utf8))
        add(Array(0..<16))
        add([0, 0, 0, 0, 0, 0, 0x12, 0x67])
        add([0, 0, 0, 0])
        add([0, 0, 0, 0, 0, 0, 0, 0])
        for _ in 0..<13 { add(nil) }
        add([0])
        add([1] + #"{"event":"open","reason":"ring_full","count":"12"}"#.utf8)
        #expect(copy.rows == bytes, "\(Row.all(.events, copy.rows))")
    }

    @Test func aConnectionHasBothItsEnds() throws {
        let row = try #require(Postgres.rows([Records.tcp(owner: child, onCPU: child, at: 5450)]).first)
        #expect(row.address("src_addr") == "10.0.0.1" && row.number("src_port") == 40000)
        #expect(row.address("dst_addr") == "10.0.0.2" && row.number("dst_port") == 443)
        let six = try #require(
            Postgres.rows([
                Records.tcp(owner: child, onCPU: child, at: 5450) { record in
                    record.body.family = 10
                    let ends: [(WritableKeyPath<mt_tcp, _>, UInt8)] = [(\.saddr, 1), (\.daddr, 255)]
                    for (path, last) in ends {
                        withUnsafeMutableBytes(of: &record.body[keyPath: path]) {
                            $0.copyBytes(
                                from: [0x20, 1, 0x0d, 0xb8] as [UInt8] + [UInt8](repeating: 0, count: 11) + [last]
                            )
                        }
                    }
                }
            ]).first
        )
        #expect(six.address("src_addr") == "2001:db8::1" && six.address("dst_addr") == "2001:db8::ff")
        let listener = try #require(
            Postgres.rows([
                Records.tcp(owner: child, onCPU: child, at: 5450, from: 7, to: 10) {
                    $0.body.dport = 0
                    $0.body.sport = 0
                }
            ]).first
        )
        #expect(listener.address("src_addr") == "10.0.0.1" && listener.number("src_port") == nil)
        #expect(listener.address("dst_addr") == nil && listener.number("dst_port") == nil)
    }

    /// The owner of a connection need not be the one who was running: then neither thread nor user of that moment.
    @Test func ofAnOwnerWhoWasNotRunningTheProgramsUserIsTold() throws {
        let other = Who(50, start: 100)
        let rows = Postgres.rows([
            Records.snapshot(child, of: Who(1, start: 0), at: 5001) { $0.body.credentials.euid = .max },
            Records.tcp(owner: child, onCPU: other, at: 5450), Records.tcp(owner: nil, onCPU: other, at: 5460),
        ])
        #expect(rows[1].number("pid") == 41 && rows[1].number("tid") == nil)
        #expect(rows[1].number("uid") == 4_294_967_295)
        #expect(rows[2].number("pid") == nil && rows[2].number("uid") == nil)
        #expect(rows[2].address("src_addr") == "10.0.0.1")
    }

    @Test func largeNumbersStayWhatTheyAre() throws {
        var record = RecordBytes(mt_exit(), .exit, child, at: 5500)
        record.header.uid = .max
        record.header.sequence = .max
        record.header.cpu = .max
        record.header.tid = .max
        let row = try #require(Postgres.rows([record.bytes]).first)
        #expect(row.number("uid") == 4_294_967_295 && row.number("tid") == 4_294_967_295)
        #expect(row.number("cpu") == 65535 && row.number("sequence") == -1)
    }

    @Test(
        arguments: [
            (0, 0, -946_684_800_000_000), (86_399_999_999_999, 0, -946_598_400_000_001),
            (86_400_000_000_000, 1, -946_598_400_000_000),
            (946_684_799_999_999_999, 10_956, -1), (946_684_800_000_000_000, 10_957, 0),
            (1_764_000_000_000_001_999, 20_416, 817_315_200_000_001), (.max, 213_503, 17_500_059_273_709_551),
        ] as [(UInt64, Int32, Int64)]
    )
    func timesAreMicrosecondsSince2000AndDaysAreUTC(time: UInt64, day: Int32, expected: Int64) throws {
        let database = FakeDatabase()
        let records = [Records.clock(wall: time, at: 0), Records.loss(kind: 5, reason: 0, count: 1, at: 0)]
        let batch = Postgres.spooled([Pipeline().batch(records)])
        #expect(Postgres.sink(database).write(batch, from: .init(frame: 0, events: 0)) { false }.problem == nil)
        let transaction = try #require(database.transactions.first)
        #expect(transaction.days == [day])
        #expect(transaction.rows(.events).first?.number("time") == expected)
    }

    @Test func lateOnesSayIt() {
        let records = [Records.loss(kind: 5, reason: 0, count: 1, at: 0)]
        #expect(Postgres.rows(records).first?.number("late") == 0)
        #expect(Postgres.rows(records, late: true).first?.number("late") == 1)
    }

    @Test func aRowOfAnExecutionHasAllThatIsKnownOfIt() throws {
        let rows = Postgres.rows(Records.ofEachKind(), .executions)
        #expect(rows.map { $0.text("exec_id") } == [ID.first, ID.shell, ID.fork, ID.child])
        #expect(rows.map { $0.text("parent_exec_id") } == [nil, ID.first, ID.shell, ID.shell])
        #expect(rows.map { $0.number("pid") } == [1, 40, 41, 41])
        #expect(rows.map { $0.text("binary") } == ["/usr/sbin/init", "/usr/bin/bash", "/usr/bin/bash", "/usr/bin/cat"])
        #expect(rows.allSatisfy { $0.number("day") == 20_416 - 10_957 && $0.text("host") == "node-1" })
        #expect(rows.map { $0.json("detail") == nil } == [false, false, true, false])
        let process = try JSON(parsing: try #require(rows[3].json("process")))
        #expect(process.exec_id.text == ID.child && process.binary.text == "/usr/bin/cat")
        let detail = try JSON(parsing: try #require(rows[3].json("detail")))
        #expect(detail.cap.effective.texts == ["CAP_SYS_ADMIN", "0x1000000000000000"])
    }

    @Test func containersAndPodsAreNamedAsFiltersNameThem() {
        let rows = Postgres.rows(Places.records).filter { $0.text("kind") == "exit" }
        #expect(
            rows.map { $0.text("container") } == [nil, nil, nil, Places.id, String(Places.id.reversed()), "web", nil]
        )
        #expect(rows.map { $0.text("pod") } == [nil, nil, nil, "shop/db-0", Places.uid, nil, nil])
    }

    @Test(arguments: [
        (Array("plain".utf8), "plain"), (Array("a\nb\t\"c\" \\d'".utf8), "a\nb\t\"c\" \\d'"), ([], ""),
        (Array("ü€😀 more than eight".utf8), "ü€😀 more than eight"), ([0x41, 0xff, 0x5c], #"A\xff\\"#),
        ([0x41, 0, 0x42], #"A\x00B"#), ([0], #"\x00"#), (Array("eight more".utf8) + [0], #"eight more\x00"#),
        ([0xff, 0], #"\xff\x00"#), ([0x5c, 0], #"\\x00"#), ([0xc2, 0x9b], #"\xc2\x9b"#), ([0xe2, 0x82], #"\xe2\x82"#),
        (Array(#"\u0000"#.utf8), #"\u0000"#),
    ])
    func hostileTextIsTheSameInColumnAndDetail(bytes: [UInt8], expected: String) throws {
        let row = try #require(
            Postgres.rows([Records.open(child, at: 1) { $0.body.path.text = $0.text(bytes) }]).first
        )
        #expect(row.text("path") == expected)
        let detail = try #require(row.json("detail"))
        // jsonb takes each escape but this one, which then has an even number of backslashes before it.
        #expect(!detail.replacingOccurrences(of: #"\\"#, with: "").contains(#"\u0000"#), "\(detail)")
        if !bytes.isEmpty { #expect(try JSON(parsing: detail).path.text == expected) }
    }
}
