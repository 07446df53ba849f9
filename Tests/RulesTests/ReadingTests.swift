import Fixtures
import Model
import Rules
import Testing

/// What is wrong with rules is told with file, line, key and remedy, and leaves the others alone.
@Suite struct ReadingTests {
    private typealias Fixture = RuleFixture

    @Test(arguments: [
        ("", "rules.toml:1:1: the file has no rule: at least tracer = \"…\" is needed"),
        ("name = 'a'", "rules.toml:1:1: tracer is missing: which events are looked at, such as \"exec\" or \"open\""),
        ("tracer = 'opne'", "rules.toml:1:10: tracer: no such tracer 'opne'; did you mean 'open'?"),
        ("tracer = 5", "rules.toml:1:10: tracer: a number stands here, a text in quotes is expected"),
        ("tracer = []", "rules.toml:1:10: tracer: the list is empty: nothing would ever match"),
        ("tracer = ['open', 'open']", "rules.toml:1:19: tracer: 'open' stands there twice"),
        ("tracer = 'open'\ntracr = 1", "rules.toml:2:1: tracr: no such key of a rule 'tracr'; did you mean 'tracer'?"),
        ("tracer = 'open'\nwhere = {}", "rules.toml:2:9: where: the table is empty: say what is asked for"),
        ("tracer = 'open'\nwhere.pth = 'x'", "rules.toml:2:7: where.pth: no such field 'pth'; did you mean 'path'?"),
        (
            "tracer = 'exec'\nwhere.path = 'x'",
            "rules.toml:2:7: where.path: events of exec have no field 'path'; those of open, uprobe, usdt, loader, breakout have"
        ),
        (
            "tracer = 'open'\nwhere.path.prefx = 'x'",
            "rules.toml:2:12: where.path.prefx: no such test 'prefx' here; did you mean 'prefix'?; path is a text: exact, in, prefix, suffix, contains, glob, regex, exists, not"
        ),
        (
            "tracer = 'open'\nwhere.result.prefix = 'x'",
            "rules.toml:2:14: where.result.prefix: no such test 'prefix' here; result is a number: exact, in, range, lt, le, gt, ge, exists, not"
        ),
        (
            "tracer = 'open'\nwhere.result = '3'",
            "rules.toml:2:16: where.result: a string stands here, a number is expected"
        ),
        (
            "tracer = 'open'\nwhere.path = ''\nwhere.name.contains = ''",
            "rules.toml:3:23: where.name.contains: an empty text stands in every text: nothing is asked"
        ),
        (
            "tracer = 'open'\nwhere.path = \"a\\u0000\"",
            "rules.toml:2:14: where.path: there is a NUL in the text, which no path, name or argument has"
        ),
        (
            "tracer = 'open'\nwhere.path.regex = '(a'",
            "rules.toml:2:20: where.path.regex: '(a' is no regular expression: there is a ( without its )"
        ),
        (
            "tracer = 'open'\nwhere.result.range = [5, 1]",
            "rules.toml:2:22: where.result.range: 5 is greater than 1: the smaller number stands first"
        ),
        (
            "tracer = 'open'\nwhere.result.range = 5",
            "rules.toml:2:22: where.result.range: a number stands here; a range is two numbers: [1, 1023]"
        ),
        (
            "tracer = 'tcp'\nwhere.daddr.cidr = '10.0.0.0/33'",
            "rules.toml:2:20: where.daddr.cidr: '10.0.0.0/33' is not a network such as 10.0.0.0/8 or fd00::/8"
        ),
        (
            "tracer = 'tcp'\nwhere.daddr = '10.0.0.0/8'",
            "rules.toml:2:15: where.daddr: '10.0.0.0/8' is a network: write daddr.cidr"
        ),
        (
            "tracer = 'open'\nwhere.runtime = 'dokcer'",
            "rules.toml:2:17: where.runtime: no such container runtime 'dokcer'; did you mean 'docker'?"
        ),
        (
            "tracer = 'open'\nwhere.any = {path = 'x'}",
            "rules.toml:2:13: where.any: a table stands here, a list of tables is expected"
        ),
        (
            "tracer = 'open'\nseverity = 'hihg'",
            "rules.toml:2:12: severity: no such severity 'hihg'; did you mean 'high'?"
        ),
        ("tracer = 'open'\nactions = ['kil']", "rules.toml:2:12: actions: no such action 'kil'; did you mean 'kill'?"),
        ("tracer = 'open'\nmessage = '{pth}'", "rules.toml:2:11: message: no such field 'pth'; did you mean 'path'?"),
        (
            "tracer = 'open'\nmessage = 'a } b'",
            "rules.toml:2:11: message: there is a } without its {; write }} for a brace"
        ),
        (
            "tracer = 'open'\nrateLimit = {events = 0, per = '1s'}",
            "rules.toml:2:23: rateLimit.events: at least 1 event is told; to tell none, remove the rule"
        ),
        (
            "tracer = 'open'\nrateLimit = {events = 1, per = '1 day'}",
            "rules.toml:2:32: rateLimit.per: '1 day' is no duration: a number and ms, s, m or h, such as 500ms or 1m"
        ),
        (
            "tracer = 'open'\nrateLimit = {events = 1}",
            "rules.toml:2:13: rateLimit: a limit is { events = 10, per = \"1m\" }, and by = [\"process.binary\"] where each program has its own"
        ),
        ("[[rule]]\ntracer = 'open'", "rules.toml:1:3: rule[0]: name is missing"),
        (
            "[[rule]]\nname = 'a'\ntracer = 'open'\n[[rule]]\nname = 'a'\ntracer = 'exec'",
            "rules.toml:4:3: name: there is a rule 'a' already, at rules.toml:1:3; give each a name of its own"
        ),
        (
            "tracer = 'open'\n[[rule]]\nname = 'a'\ntracer = 'open'",
            "rules.toml:1:1: tracer: no such key beside [[rule]] 'tracer': default, rule"
        ),
        ("[rule]\nname = 'a'", "rules.toml:1:2: rule: rules begin with [[rule]], in two brackets"),
        ("[default]\nopen = 'pas'", "rules.toml:2:8: default.open: no such default 'pas'; did you mean 'pass'?"),
        ("tracer = 'open'\nwhere.path = 'x", "rules.toml:2:14: the text's closing ' is missing"),
    ])
    func `a fault names its place, its key and what to do`(toml: String, expected: String) {
        #expect(Fixture.problems(toml) == [expected])
    }

    @Test func `A fault leaves the other rules of its file alone`() {
        let collection = Fixture.read(
            "[[rule]]\nname = 'a'\ntracer = 'open'\n[[rule]]\nname = 'b'\ntracer = 'x'\n[[rule]]\nname = 'c'\ntracer = 'exec'"
        )
        #expect(collection.set.rules.map(\.name) == ["a", "c"])
        #expect(collection.problems.map(\.place.line) == [6])
    }

    @Test func `A rule of a megabyte holds, and a file above the limit is refused`() throws {
        let values = (0..<60_000).map { "'/srv/data/\($0)'" }.joined(separator: ",\n")
        let rules = try Fixture.rules("name = 'r'\ntracer = 'open'\nwhere.path = [\(values)]")
        #expect(Fixture.verdicts(rules, Fixture.opens("/srv/data/59999", "/srv/data/60000")) == [["r"], nil])
        let large = "tracer = 'open' # " + String(repeating: "x", count: RuleLimits.fileBytes)
        #expect(Fixture.problems(large) == ["rules.toml:1:1: is larger than 4 MiB: split it"])
    }

    @Test func `Of a folder the files of rules are read, and what else lies there is left alone, with a word`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Array("tracer = 'open'".utf8), to: "b.toml")
        _ = try folder.write(Array("tracer = 'exec'".utf8), to: "a.toml")
        _ = try folder.write(Array("no rule".utf8), to: "README")
        _ = try folder.write(Array("hidden".utf8), to: ".toml")
        let collection = RuleCollection.read([folder.path("")])
        #expect(collection.set.rules.map(\.name) == ["a", "b"])
        #expect(
            collection.problems.map { "\($0)" }.map {
                $0.hasSuffix("README:1:1: warning: is not read: rules are files whose names end in .toml")
            } == [true]
        )
    }

    @Test func `A file that is not there is a fault`() {
        let collection = RuleCollection.read(["/no/such.toml"])
        #expect(collection.problems.map { "\($0)" } == ["/no/such.toml:1:1: cannot be read: No such file or directory"])
        #expect(!collection.isRight)
    }
}
