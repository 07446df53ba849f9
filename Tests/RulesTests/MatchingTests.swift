import Fixtures
import Model
import Rules
import Testing

/// Which events match which rules.
@Suite struct MatchingTests {
    private typealias Fixture = RuleFixture

    private func names(_ condition: String, _ records: [[UInt8]], tracer: String = "open") throws -> [Bool] {
        let rules = try Fixture.rules("name = 'r'\ntracer = '\(tracer)'\n\(condition)")
        return Fixture.verdicts(rules, records).map { $0 == ["r"] }
    }

    @Test(arguments: [
        ("where.path = '/etc/shadow'", [true, false, false]),
        ("where.path.exact = ['/etc/shadow', '/etc/passwd']", [true, true, false]),
        ("where.path.in = ['/etc/passwd']", [false, true, false]),
        ("where.path.prefix = '/etc/'", [true, true, false]),
        ("where.path.suffix = ['wd', 'x']", [false, true, true]),
        ("where.path.contains = 'shad'", [true, false, false]),
        ("where.path.glob = '/etc/s*w'", [true, false, false]),
        ("where.path.regex = '^/(etc/p|tmp)'", [false, true, true]),
        ("where.path.not = '/etc/shadow'", [false, true, true]),
        ("where.path.not.prefix = '/etc'", [false, false, true]),
        ("where.path = {prefix = '/etc', not.suffix = 'wd'}", [true, false, false]),
        ("where.any = [{path.prefix = '/tmp'}, {path.suffix = 'shadow'}]", [true, false, true]),
        ("where.all = [{path.prefix = '/etc'}, {path.suffix = 'shadow'}]", [true, false, false]),
        ("where.not.path.prefix = '/etc'", [false, false, true]), ("where.result = 3", [true, true, true]),
        ("where.result.lt = 0", [false, false, false]), ("where.result.range = [1, 3]", [true, true, true]),
        ("where.result.range = [[-5, -1], [3, 3]]", [true, true, true]),
        ("where.inode.ge = 100", [false, false, false]),
        ("where.error.exists = true", [false, false, false]), ("where.error.exists = false", [true, true, true]),
        ("where.process.pid = 41", [true, true, true]), ("where.process.pid.gt = 41", [false, false, false]),
        ("where.path.contains = 'tmp'\nwhere.process.pid.not = 41", [false, false, false]),
    ])
    func `conditions on fields mean what they say`(condition: String, expected: [Bool]) throws {
        #expect(try names(condition, Fixture.opens("/etc/shadow", "/etc/passwd", "/tmp/x")) == expected)
    }

    @Test func `Processes, parents and ancestors are looked at`() throws {
        let (first, second, third) = (Who(10, start: 10), Who(11, start: 11), Who(12, start: 12))
        let records = [
            Records.exec(first, of: Fixture.parent, at: 100, binary: "/usr/sbin/sshd", args: ["sshd", "-D"]),
            Records.fork(second, of: first, at: 200),
            Records.exec(second, of: first, at: 210, binary: "/bin/bash", args: ["bash"]),
            Records.fork(third, of: second, at: 300),
            Records.exec(third, of: second, at: 310, binary: "/usr/bin/curl", args: ["curl", "-o", "a b", "http://x"]),
        ]
        let cases = [
            ("where.process.binary.suffix = '/curl'", [false, false, true]),
            ("where.parent.binary = '/bin/bash'", [false, false, true]),
            ("where.ancestor.binary.suffix = '/sshd'", [false, true, true]),
            ("where.process.arguments = '-o \"a b\" http://x'", [false, false, true]),
            ("where.process.argv = 'a b'", [false, false, true]),
            ("where.process.argv.prefix = 'http'", [false, false, true]),
            ("where.process.comm = ['sshd', 'bash']", [true, true, false]),
            ("where.process.cwd.exists = true", [true, true, true]),
        ]
        for (condition, expected) in cases {
            let rules = try Fixture.rules("name = 'r'\ntracer = 'exec'\n\(condition)")
            let verdicts = Fixture.verdicts(rules, records)
            #expect([0, 2, 4].map { verdicts[$0] == ["r"] } == expected, "\(condition)")
            // What no rule is about passes.
            #expect([1, 3].map { verdicts[$0] } == [[], []])
        }
    }

    @Test(arguments: [
        ("where.saddr = '10.0.0.1'", true), ("where.daddr.cidr = '10.0.0.0/30'", true),
        ("where.daddr.cidr = ['192.168.0.0/16', '::/0']", false),
        ("where.daddr.not.cidr = '10.0.0.0/8'", false), ("where.dport = [80, 443]", true),
        ("where.dport.range = [1, 442]", false),
        ("where.state = 'ESTABLISHED'", true), ("where.state.not = 'ESTABLISHED'", false),
        ("where.on_cpu.comm.prefix = 'cu'", true),
    ])
    func `Connections are looked at`(condition: String, expected: Bool) throws {
        let record = Records.tcp(owner: Fixture.who, onCPU: Fixture.who, at: 6000)
        #expect(try names(condition, [record], tracer: "tcp") == [expected])
    }

    @Test func `An event carries all the rules that it matches, in their order`() throws {
        let rules = try Fixture.rules(
            """
            [[rule]]
            name = 'second'
            tracer = 'open'
            where.path.suffix = 'shadow'
            [[rule]]
            name = 'other'
            tracer = 'open'
            where.path.suffix = 'x'
            [[rule]]
            name = 'first'
            tracer = ['exec', 'open']
            where.process.pid = 41
            """
        )
        #expect(Fixture.verdicts(rules, Fixture.opens("/etc/shadow", "/tmp/y")) == [["second", "first"], ["first"]])
    }

    @Test func `What matches nothing goes where a rule looks at its kind, and stays where none does`() throws {
        let rules = try Fixture.rules("name = 'r'\ntracer = 'open'\nwhere.path = '/a'")
        let records = Fixture.opens("/a", "/b") + [Records.exit(Fixture.who, at: 7000)]
        #expect(Fixture.verdicts(rules, records) == [["r"], nil, []])
    }

    @Test func `A default says otherwise for each tracer`() throws {
        let rules = try Fixture.rules(
            """
            [default]
            open = 'pass'
            exit = 'drop'
            [[rule]]
            name = 'r'
            tracer = 'open'
            where.path = '/a'
            """
        )
        let records = Fixture.opens("/a", "/b") + [Records.exit(Fixture.who, at: 7000)]
        #expect(Fixture.verdicts(rules, records) == [["r"], [], nil])
    }

    @Test func `A rate limit keeps back what is too much, for each of its values alone`() throws {
        let rules = try Fixture.rules(
            """
            name = 'r'
            tracer = 'open'
            where.path.prefix = '/'
            rateLimit = {events = 2, per = '1s', by = ['path']}
            """
        )
        func open(_ path: String, _ seconds: UInt64) -> [UInt8] {
            Records.open(Fixture.who, at: seconds * 1_000_000_000, name: path, path: path)
        }
        let matcher = RuleMatcher(rules)
        let batch = Pipeline().batch([
            open("/a", 1), open("/a", 1), open("/a", 1), open("/b", 1), open("/a", 2), open("/a", 2), open("/a", 2),
        ])
        let told = batch.events.indices.map { matcher.judge(batch.events[$0], batch.record(batch.events[$0])) != nil }
        #expect(told == [true, true, false, true, true, true, false])
        #expect(matcher.matched == [7])
        #expect(matcher.suppressed == [2])
    }

    @Test func `A limit goes on when other rules come`() throws {
        let limited = "name = 'a'\ntracer = 'open'\nrateLimit = {events = 1, per = '24h'}"
        let before = RuleMatcher(try Fixture.rules(limited))
        let batch = Pipeline().batch(Fixture.opens("/x", "/y"))
        let told = { (matcher: RuleMatcher, index: Int) in
            matcher.judge(batch.events[index], batch.record(batch.events[index])) != nil
        }
        #expect(told(before, 0))
        let after = RuleMatcher(try Fixture.rules(limited))
        after.takeCounts(of: before)
        #expect(!told(after, 1))
    }

    @Test(arguments: [
        ("unit", [true, false]), ("container", [false, true]), ("runtime", [false, true]), ("pod", [false, false]),
    ])
    func `places are there or not, each by itself`(place: String, expected: [Bool]) throws {
        let rules = try Fixture.rules("name = 'r'\ntracer = 'exec'\nwhere.\(place).exists = true")
        let id = String(repeating: "ab", count: 32)
        let records = ["/system.slice/ssh.service", "/system.slice/docker-\(id).scope"].enumerated().map {
            index,
            cgroup in
            Records.exec(Who(50 + UInt32(index), start: 9), of: Fixture.parent, at: 100 + UInt64(index)) {
                $0.body.cgroup = $0.text(cgroup)
            }
        }
        #expect(Fixture.verdicts(rules, records).map { $0 == ["r"] } == expected)
    }

    @Test func `Counts go on when other rules come`() throws {
        let before = RuleMatcher(try Fixture.rules("name = 'a'\ntracer = 'open'"))
        let batch = Pipeline().batch(Fixture.opens("/x", "/y", "/z"))
        for event in batch.events.indices { _ = before.judge(batch.events[event], batch.record(batch.events[event])) }
        let after = RuleMatcher(
            try Fixture.rules("[[rule]]\nname = 'b'\ntracer = 'open'\n[[rule]]\nname = 'a'\ntracer = 'open'")
        )
        after.takeCounts(of: before)
        #expect(after.matched == [0, 3])
    }

    @Test func `Lines in JSON and for people tell name, severity, tags and message`() throws {
        let rules = try Fixture.rules(
            """
            name = 'shadow-read'
            tracer = 'open'
            severity = 'high'
            tags = ['T1003.008', 'credentials']
            message = '{process.pid} opened {path} {{so}}'
            where.path.suffix = 'shadow'
            """
        )
        let matcher = RuleMatcher(rules)
        let pipeline = Pipeline()
        let batch = pipeline.batch(Fixture.opens("/etc/\"shadow"))
        batch.judge { matcher.judge($0, $1) }
        let line = try #require(Pipeline.lines(pipeline.text(batch, .json)).first)
        #expect(
            line.contains(
                #","rules":[{"name":"shadow-read","severity":"high","tags":["T1003.008","credentials"],"message":"41 opened /etc/\"shadow {so}"}]},"#
            ),
            "\(line)"
        )
        _ = try JSON(parsing: line)
        #expect(
            Pipeline.lines(pipeline.text(batch, .compact))[0].hasSuffix(#" [shadow-read] 41 opened /etc/\"shadow {so}"#)
        )
    }
}
