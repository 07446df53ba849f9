import CWire
import Engine
import Fixtures
import Formats
import Glibc
import Model
import Outputs
import Testing
import UserInput

/// What is read from a store is what was written to it.
@Suite struct StoreLineTests {
    private let pipeline = Pipeline()
    private let store: TestStore

    init() throws { store = try TestStore() }

    private static let odd: [[UInt8]] = [
        Records.open(Who(41, start: 5000), at: 5301, name: "a\"b\\c\u{1b}\n", path: "/ä/\u{202e}"),
        Records.open(Who(41, start: 5000), at: 5302) { $0.body.path.text = $0.text([0x2f, 0xff, 0xfe, 0x41]) },
        Records.exec(Who(50, start: 5310), of: Who(41, start: 5000), at: 5320, args: ["x", ",\"cap\":{"]) {
            $0.body.filename = $0.text([0x2f, 0xff])
            $0.body.binary.text = $0.text([0x2f, 0xff, 0x42])
        },
        // nobody told of this one
        Records.exit(Who(77, start: 1), at: 5330, status: 9),
        Records.fork(Who(78, start: 5340), of: Who(50, start: 5310), at: 5340),
    ]

    @Test func aStoresLinesAreThoseOfTheRunToTheByte() throws {
        let batches = [pipeline.batch(Records.ofEachKind()), pipeline.batch(Self.odd, late: true)]
        try store.write(batches)
        let live = batches.flatMap { pipeline.text($0, .json) }
        let stored = try store.lines()
        #expect(Pipeline.lines(stored).sorted() == Pipeline.lines(live).sorted())
        #expect(Pipeline.lines(stored).count == batches.reduce(0) { $0 + $1.events.count })
    }

    @Test func aBatchThatIsWrittenAgainIsThereOnce() throws {
        let batch = pipeline.batch(Records.ofEachKind() + Self.odd)
        try store.write([batch, batch])
        let once = try store.lines()
        try store.write([batch])
        #expect(try store.lines() == once)
        #expect(try store.number("SELECT count(*) FROM events") == batch.events.count)
    }

    @Test func eventsOfTheSameMomentAreAllKept() throws {
        try store.write(Lines.batches(3, of: 100))
        #expect(try Lines.numbers(store.lines()).sorted() == Array(0..<300))
        #expect(try store.number("SELECT count(DISTINCT time) FROM events") == 100)
    }

    @Test func machinesAreKeptApart() throws {
        for node in ["node-1", "node-2"] {
            try store.write([Pipeline(node: node).batch(Records.ofEachKind())], node: node)
        }
        let lines = Pipeline.lines(try store.lines())
        #expect(lines.count { $0.contains(#""node_name":"node-2""#) } == lines.count / 2)
        #expect(try store.number("SELECT count(DISTINCT exec_id) FROM executions") == 8)
    }

    @Test func whatBecomesKnownOfAnExecutionIsTakenOver() throws {
        // An event whose process was missed, and a snapshot of it then.
        let who = Who(90, start: 6000)
        let batch = pipeline.batch([
            Records.open(who, at: 6001), Records.snapshot(who, of: Who(1, start: 0), at: 6002, binary: "/bin/late"),
        ])
        try store.write([batch])
        #expect(try store.rows("SELECT binary FROM executions WHERE pid = 90") == [["/bin/late"]])
    }

    @Test func filtersFindWhatTheyFindLive() throws {
        let records = Records.ofEachKind() + Self.odd
        let batch = pipeline.batch(records)
        try store.write([batch])
        var filters: [EventFilter] = []
        for change: (inout EventFilter) -> Void in [
            { _ in }, { $0.kinds = [.exec] }, { $0.kinds = [.open, .exit, .loss] }, { $0.pids = [41] },
            { $0.users = [1000] }, { $0.users = [0] }, { $0.processes = [ProcessPattern("cat")] },
            { $0.processes = [ProcessPattern("/usr/bin")] }, { $0.processes = [ProcessPattern("ba*")] },
            { $0.paths = [PathPattern("/etc")] }, { $0.paths = [PathPattern("*motd")] },
            { $0.paths = [PathPattern("/usr/bin/cat"), PathPattern("/no")] },
            {
                $0.paths = [PathPattern("/etc/motd")]
                $0.pids = [41]
                $0.processes = [ProcessPattern("cat")]
            },
        ] {
            var filter = EventFilter()
            change(&filter)
            filters.append(filter)
        }
        try expectTheSame(records, filters)
    }

    @Test func containersPodsAndUnitsAreFoundAsTheyAreLive() throws {
        try store.write([pipeline.batch(Places.records)])
        var filters: [EventFilter] = []
        for change: (inout EventFilter) -> Void in [
            { $0.containers = [ContainerPattern("host")] }, { $0.containers = [ContainerPattern("any")] },
            { $0.containers = [ContainerPattern("2f1c9be0")] }, { $0.containers = [ContainerPattern("shop*")] },
            { $0.containers = [ContainerPattern("no")] }, { $0.runtimes = [.docker, .lxc] },
            { $0.runtimes = [.kubernetes] }, { $0.pods = [PodPattern("shop/db-0")] },
            { $0.pods = [PodPattern(Places.uid)] }, { $0.units = [UnitPattern("ssh"), UnitPattern("session-*")] },
            {
                $0.units = [UnitPattern("ssh")]
                $0.pids = [7]
            },
        ] {
            var filter = EventFilter()
            // An exec before its container's name was known has it in a store.
            filter.kinds = [.exit]
            change(&filter)
            filters.append(filter)
        }
        try expectTheSame(Places.records, filters)
    }

    @Test func policiesAreFoundAsTheyAreLive() throws {
        let records =
            Records.ofEachKind() + [
                Records.call(Who(41, start: 5000), at: 6000, kind: .lsm) {
                    $0.about = ItemBytes()
                    $0.about.add(MT_ITEM_POLICY, "quo\"ted")
                }
            ]
        try store.write([pipeline.batch(records)])
        try expectTheSame(
            records,
            ["audit", "a*", "none", "quo\"ted", "*"].map { name in
                var filter = EventFilter()
                filter.policies = [PolicyPattern(name)]
                return filter
            }
        )
    }

    /// What people read of a call: what was called, and about which file.
    @Test func aTableTellsWhatWasCalled() throws {
        try store.write([pipeline.batch(Records.callsOfEachKind(Who(41, start: 5000), at: 6000))])
        let rows = try StoreQuery.table(StoreReader(path: store.path), StoreSelection())
        var about: [String] = []
        while try rows.next() {
            about += [rows.texts().last.flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) } ?? "-"]
        }
        #expect(
            about.sorted() == ["/etc/passwd"] + [String](repeating: "security_file_permission /etc/passwd", count: 5)
        )
    }

    private func expectTheSame(_ records: [[UInt8]], _ filters: [EventFilter]) throws {
        for filter in filters {
            let live = Pipeline().batch(records)
            _ = live.filter { filter.passes($0, $1) }
            var selection = StoreSelection()
            selection.filter = filter
            #expect(
                Pipeline.lines(try store.lines(selection)).sorted()
                    == Pipeline.lines(pipeline.text(live, .json)).sorted()
            )
        }
    }

    @Test func timesAndNumbersChooseFromBothEnds() throws {
        let wall: UInt64 = 1_764_000_000_000_000_000
        try store.write([
            pipeline.batch([Records.clock(wall: wall, at: 0)]),
            pipeline.batch(
                (0..<50).map {
                    Records.open(Who(40, start: 4000), at: 100 + $0, name: "n\($0)", path: nil)
                }
            ),
        ])
        var selection = StoreSelection()
        selection.since = wall + 110
        selection.until = wall + 120
        #expect(try Lines.numbers(store.lines(selection)) == Array(10..<20))
        selection.limit = 3
        #expect(try Lines.numbers(store.lines(selection)) == [10, 11, 12])
        selection.limit = nil
        selection.last = 3
        #expect(try Lines.numbers(store.lines(selection)) == [17, 18, 19])
    }

    @Test func everyKindHasAViewWithItsFields() throws {
        try store.write([pipeline.batch(Records.ofEachKind())])
        #expect(
            try store.rows("SELECT path, operation, binary FROM files WHERE error IS NULL") == [
                ["/etc/motd", "openat", "/usr/bin/cat"]
            ]
        )
        #expect(
            try store.rows("SELECT filename, arguments, parent_binary, cap_effective FROM execs") == [
                ["/usr/bin/cat", #""two words" ü"#, "/usr/bin/bash", #"["CAP_SYS_ADMIN","0x1000000000000000"]"#]
            ]
        )
        #expect(try store.rows("SELECT status FROM exits") == [["1"]])
        for kind in EventKind.allCases where kind != .clock {
            let view = try store.rows("SELECT name FROM sqlite_schema WHERE type = 'view'").compactMap(\.first)
            #expect(view.count >= EventKind.allCases.count)
            for field in Fields.event(kind) {
                let column = field.name.map { $0 == "." ? "_" : "\($0)" }.joined()
                let places = try store.number(
                    "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND sql LIKE '%e.kind = ''\(kind.name)''%' "
                        + "AND sql LIKE '%AS \"\(column)\"%'"
                )
                #expect(places == 1, "\(kind).\(field.name)")
            }
        }
        #expect(try store.number("SELECT count(*) FROM activity") == Records.ofEachKind().count - 1)
        #expect(try store.number("SELECT count(*) FROM processes WHERE ns_pid IS NOT NULL") > 0)
    }
}
