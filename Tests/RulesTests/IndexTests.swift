import Fixtures
import Formats
import Model
import Rules
import Testing

/// Rules that are found by what is in events are those that each event matches by itself.
@Suite struct IndexTests {
    private static let pieces = ["/", "etc", "a", "b", "ab", "ssh", "x.conf", "..", "é"]

    private static func text(_ random: inout SystemRandomNumberGenerator) -> String {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "a" }.joined()
    }

    private static func condition(_ random: inout SystemRandomNumberGenerator, depth: Int = 0) -> String {
        func quoted(_ text: String) -> String { "'\(text)'" }
        switch Int.random(in: 0...(depth < 2 ? 11 : 8), using: &random) {
        case 0: return "path = \(quoted(text(&random)))"
        case 1: return "path.prefix = ['/', \(quoted(text(&random)))]"
        case 2: return "path.suffix = \(quoted(text(&random)))"
        case 3: return "path.contains = \(quoted(text(&random)))"
        case 4: return "path.glob = '*\(text(&random))*'"
        case 5: return "path.regex = '(a|b)\(text(&random).filter { $0 != "." })$'"
        case 6: return "result.range = [\(Int.random(in: -3...3, using: &random)), 4]"
        case 7: return "name.not.contains = \(quoted(text(&random)))"
        case 8: return "inode = [\(Int.random(in: 0...99, using: &random)), 99]"
        case 9: return "process.binary.suffix = \(quoted(text(&random)))"
        case 10: return "process.binary.contains = \(quoted(text(&random)))"
        case 11: return "parent.binary = ['/b', \(quoted(text(&random)))]"
        case 12: return "process.pid = \([41, 169, 7].randomElement(using: &random) ?? 41)"
        case 13: return "any = [{\(condition(&random, depth: depth + 1))}, {\(condition(&random, depth: depth + 1))}]"
        case 14: return "not = {\(condition(&random, depth: depth + 1))}"
        default: return "all = [{\(condition(&random, depth: depth + 1))}, {\(condition(&random, depth: depth + 1))}]"
        }
    }

    @Test func `Random rules match what each of them matches alone`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<31 {
            var toml = ""
            for number in 0..<Int.random(in: 1...61, using: &random) {
                toml += "[[rule]]\nname = '\(number)'\ntracer = 'open'\nwhere = {\(Self.condition(&random))}\n"
            }
            let rules = try RuleFixture.rules(toml)
            // Two of them share a place among what is kept of executions, and each executes something else in between.
            let processes = [Who(41, start: 5000), Who(169, start: 5001), RuleFixture.parent]
            var records: [[UInt8]] = []
            for number in 0..<UInt64(89) {
                let who = processes.randomElement(using: &random) ?? RuleFixture.who
                let path = Self.text(&random)
                records.append(
                    number < 7 || number % 29 == 0
                        ? Records.exec(who, of: RuleFixture.parent, at: 6000 + number, binary: Self.text(&random))
                        : Records.open(
                            who,
                            at: 6000 + number,
                            name: Self.text(&random),
                            path: Bool.random() ? path : nil
                        )
                )
            }
            let batch = Pipeline().batch(records)
            let matcher = RuleMatcher(rules)
            var scratch = TextBuffer()
            for index in batch.events.indices where batch.events[index].kind == .open {
                let event = batch.events[index]
                let record = batch.record(event)
                let expected = rules.rules.filter {
                    CompiledCondition($0.condition, for: .open).holds(event, record, &scratch)
                }
                let found = matcher.judge(event, record).flatMap { $0 }?.rules.map(\.name) ?? []
                #expect(found == expected.map(\.name))
            }
        }
    }

    @Test func `Texts that stand within each other are all found`() {
        let search = SubstringSearch([
            Array("he".utf8): [0], Array("she".utf8): [1], Array("hers".utf8): [2], Array("e".utf8): [3],
        ])
        var found: [Int32] = []
        Array("ushers".utf8).withUnsafeBytes { search.find(in: $0) { found.append($0) } }
        #expect(Set(found) == [0, 1, 2, 3])
    }

    @Test func `Ranges that lie in each other are all found`() {
        let ranges: [ClosedRange<Int64>] = [0...100, 5...5, 6...9, Int64.min...0, 5...Int64.max, 4...6]
        let index = RangeIndex(ranges.enumerated().map { (range: $1, posting: Int32($0)) })
        for number: Int64 in [-1, 0, 4, 5, 6, 100, 101, .min, .max] {
            var found: [Int32] = []
            index.find(number) { found.append($0) }
            #expect(found.sorted() == ranges.indices.filter { ranges[$0].contains(number) }.map { Int32($0) })
        }
    }

    @Test func `Rules are found by what is rarest in them`() throws {
        let rules = try RuleFixture.rules(
            """
            [[rule]]
            name = 'a'
            tracer = 'open'
            where.path.prefix = '/'
            where.process.binary = '/usr/bin/x'
            [[rule]]
            name = 'b'
            tracer = 'open'
            where.path.not.prefix = '/proc'
            """
        )
        #expect(
            RuleExplanation.text(of: rules, observed: [.open]) == """
                a (open): found by process.binary
                b (open): held against each event
                open in the kernel: all are produced, since 'b' asks nothing of the process, and 'b' nothing of how the path begins

                """
        )
    }

    @Test func `Beginnings of paths, ports and networks are kept back for, too`() throws {
        let rules = try RuleFixture.rules(
            """
            [[rule]]
            name = 'a'
            tracer = 'open'
            where.path = ['/a', '/b']
            where.process.comm = 'x'
            [[rule]]
            name = 'b'
            tracer = ['tcp', 'tcp-drop']
            where.dport = 443
            [[rule]]
            name = 'c'
            tracer = 'tcp'
            where.state = 'LISTEN'
            """
        )
        #expect(
            RuleExplanation.text(of: rules, observed: [.open, .tcp]).split(separator: "\n").suffix(3) == [
                "open in the kernel: only what a rule could want, by process.comm, how the path begins (2 keys)",
                "tcp in the kernel: all are produced, since 'b' asks nothing of the process, and 'c' nothing of ports or networks",
                "tcp-drop in the kernel: only what a rule could want, by ports and networks (1 key)",
            ]
        )
    }

    @Test func `What the kernel keeps back is told for each kind, and why it does not keep back the rest`() throws {
        let rules = try RuleFixture.rules(
            """
            [default]
            shell = 'pass'
            [[rule]]
            name = 'a'
            tracer = ['open', 'exec', 'tcp', 'shell']
            where.any = [{process.binary = '/a', process.euid = 0}, {not.container = 'host'}]
            """
        )
        #expect(
            RuleExplanation.text(of: rules, observed: [.open, .shell]) == """
                a (open, exec, tcp, shell): held against each event
                exec in the kernel: all are produced, since the process table is made of them
                open in the kernel: only what a rule could want, by process.binary, container
                tcp in the kernel: all are produced, since 'a' asks nothing of ports or networks
                shell in the kernel: all are produced, since the default is to pass

                """
        )
    }
}
