import Fixtures
import Model
import Rules
import Testing

/// Rules in bpfd's format do what its documentation says, with a word where it hid a trap.
@Suite struct BPFDRuleTests {
    private typealias Fixture = RuleFixture

    /// The truth table of bpfd's matching: whichever value of whichever key stands in an event, as text in a text.
    @Test(arguments: [
        ("", [true, true, true]), ("[filterEvents.filename]\nvalues = ['/etc/shadow']", [true, false, false]),
        ("[filterEvents.filename]\nvalues = ['shadow', 'passwd']", [true, true, false]),
        ("[filterEvents.filename]\nvalues = ['nothing']", [false, false, false]),
        ("[filterEvents.filename]\nvalues = ['shadow']\n[filterEvents.pid]\nvalues = ['4']", [true, true, true]),
        ("[filterEvents.filename]\nvalues = ['SHADOW']", [false, false, false]),
        ("containerRuntimes = ['docker']", [false, false, false]),
        ("containerRuntimes = ['not-found']", [true, true, true]),
        (
            "containerRuntimes = ['docker', 'not-found']\n[filterEvents.filename]\nvalues = ['passwd']",
            [false, true, false]
        ),
    ])
    func `keys and values are alternatives, and runtimes are asked for besides`(rule: String, expected: [Bool]) throws {
        let rules = try Fixture.rules("tracer = 'open'\n\(rule)")
        let records =
            [Records.exec(Fixture.who, of: Fixture.parent, at: 5500, binary: "/bin/cat")]
            + Fixture.opens("/etc/shadow", "/etc/passwd", "/tmp/x")
        let verdicts = Fixture.verdicts(rules, records)
        #expect(verdicts.dropFirst().map { $0 == ["rules"] } == expected)
    }

    @Test func `exec sees executions that fail, too, and tells by its historic keys`() throws {
        let rules = try Fixture.rules(
            "tracer = 'exec'\n[filterEvents.argv]\nvalues = ['such']\n[filterEvents.returnval]\nvalues = ['-13']"
        )
        let records = [
            Records.exec(Fixture.who, of: Fixture.parent, at: 5500, binary: "/bin/cat", args: ["cat", "x"]),
            Records.execFailed(Fixture.who, at: 5600, filename: "/no/such"),
            Records.execFailed(Fixture.who, at: 5700, filename: "/a", args: ["a"], result: -13),
        ]
        #expect(Fixture.verdicts(rules, records) == [nil, ["rules"], ["rules"]])
    }

    @Test func `exec sees executions that fail also when severity and tags stand beside bpfd's keys`() throws {
        let rules = try Fixture.rules(
            "tracer = 'exec'\nseverity = 'high'\ntags = []\n[filterEvents.argv]\nvalues = ['such']"
        )
        #expect(
            Fixture.verdicts(rules, [Records.execFailed(Fixture.who, at: 5600, filename: "/no/such")]) == [["rules"]]
        )
    }

    @Test(arguments: [
        ("", true), ("actions = ['stdout']", true), ("message = 'm'", false), ("severity = 'low'", false),
        ("where = { process.binary = '/bin/cat' }", false),
    ])
    func `exec sees executions that fail only in a rule without a key of ours`(key: String, sees: Bool) throws {
        let rules = try Fixture.rules("tracer = 'exec'\n\(key)")
        let records = [
            Records.exec(Fixture.who, of: Fixture.parent, at: 5500, binary: "/bin/cat"),
            Records.execFailed(Fixture.who, at: 5600, filename: "/no/such"),
        ]
        #expect(Fixture.verdicts(rules, records).map { $0 == ["rules"] } == [true, sees])
    }

    @Test func `A tracer behind a filter is the rule's, too`() {
        let collection = Fixture.read("[filterEvents.filename]\nvalues = ['x']\ntracer = 'open'")
        #expect(collection.set.rules.count == 1 && collection.problems.map(\.severity) == [.warning])
    }

    @Test func `Runtimes that were written behind a filter are the rule's, as they were meant, with a warning`() throws
    {
        let collection = Fixture.read(
            """
            tracer = "exec"
            [filterEvents.command]
            values = ["sudo", "su"]
            containerRuntimes = ["docker","kube"]
            """,
            file: "setuid_binaries.toml"
        )
        let rule = try #require(collection.set.rules.first)
        #expect(rule.name == "setuid_binaries" && rule.runtimes == ["docker", "kube"])
        #expect(collection.isRight)
        #expect(
            collection.problems.map { "\($0)" } == [
                "setuid_binaries.toml:2:15: warning: filterEvents.command: bpfd's exec has had no 'command' since October 2018, and there this rule never matches; here it is the new program's name",
                "setuid_binaries.toml:4:1: warning: filterEvents.command.containerRuntimes: stands behind [filterEvents.command], so that TOML takes it for the filter's, and bpfd ignores it; here it is taken for the rule's: move it up, in front of the tables",
            ]
        )
    }

    @Test func `Keys are taken in any case, and actions are known`() throws {
        let rules = try Fixture.rules(
            "Name = 'x'\nTRACER = 'bashreadline'\nactions = ['stdout']\nContainerruntimes = ['podman']"
        )
        #expect(rules.rules.map(\.name) == ["x"])
        #expect(rules.rules[0].kinds == [.shell])
    }

    @Test func `An action that is not done yet is taken, with a warning that says so`() {
        #expect(
            Fixture.problems("tracer = 'exec'\nactions = ['stdout', 'kill']") == [
                "rules.toml:2:22: warning: actions: 'kill' is not done yet: events that match are told, and nothing happens to the process"
            ]
        )
    }

    @Test func `A key that the tracer does not have is a fault`() {
        #expect(
            Fixture.problems("tracer = 'open'\n[filterEvents.argv]\nvalues = ['x']") == [
                "rules.toml:2:15: filterEvents.argv: no such key of an event 'argv': command, filename, gid, pid, ppid, returnval, uid"
            ]
        )
    }

    @Test func `A runtime that cannot be told is taken with a warning`() {
        #expect(
            Fixture.problems("tracer = 'open'\ncontainerRuntimes = ['gvisor']") == [
                "rules.toml:2:22: warning: containerRuntimes: processes in gvisor cannot be told from others by their control group: none match"
            ]
        )
    }
}
