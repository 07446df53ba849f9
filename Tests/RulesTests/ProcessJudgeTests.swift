import Fixtures
import Model
import Rules
import Testing

/// What no rule will want of an execution, before it does anything, and what of its fork's children.
@Suite struct ProcessJudgeTests {
    /// What is said of a process that runs `/usr/bin/perl`, whose parent runs `/usr/bin/bash`.
    private func verdict(_ conditions: String...) throws -> ProcessJudge.Verdict {
        var toml = ""
        for (number, condition) in conditions.enumerated() {
            toml += "[[rule]]\nname = '\(number)'\ntracer = 'open'\nwhere = {\(condition)}\n"
        }
        let judge = ProcessJudge(try RuleFixture.rules(toml), among: [.open, .shell])
        let (who, parent) = (RuleFixture.who, RuleFixture.parent)
        let batch = Pipeline().batch([
            Records.exec(parent, of: Who(1, start: 1), at: 200, binary: "/usr/bin/bash"),
            Records.fork(who, of: parent, at: 5000), Records.exec(who, of: parent, at: 5500, binary: "/usr/bin/perl"),
        ])
        let event = try #require(batch.events.last)
        return judge.verdict(try #require(event.process), parent: event.parent, batch.record(event))
    }

    private let nothing = ProcessJudge.Verdict()
    private let own = ProcessJudge.Verdict(unwanted: [.open])
    private let both = ProcessJudge.Verdict(unwanted: [.open], inherited: [.open])

    @Test(arguments: [
        "process.binary = '/usr/bin/perl'", "process.binary.suffix = '/perl', path = '/x'", "path = '/x'",
        "not.process.binary = '/bin/sh'", "any = [{process.binary = '/no/such'}, {path = '/x'}]",
        "process.euid = 4711, process.binary = '/usr/bin/perl'",
    ])
    func `what a rule may want is not held back`(condition: String) throws {
        #expect(try verdict(condition) == nothing)
    }

    @Test(arguments: [
        "process.binary = '/no/such'", "not.process.binary = '/usr/bin/perl'",
        "all = [{path = '/x'}, {process.comm = 'nobody'}]",
        "any = [{process.binary = '/no'}, {process.uid = 4711}]",
    ])
    func `what no rule wants of a program it does not want of its copies`(condition: String) throws {
        #expect(try verdict(condition) == both)
    }

    @Test(arguments: [
        "process.pid = 4711", "parent.binary = '/no/such'", "ancestor.binary = '/no/such'", "container = 'web'",
        "not.parent.binary = '/usr/bin/bash'", "process.flags.contains = 'nothing'",
    ])
    func `What is another thing of a copy is not inherited`(condition: String) throws {
        #expect(try verdict(condition) == own)
    }

    @Test func `One rule that wants something is enough`() throws {
        #expect(try verdict("process.binary = '/no/such'", "process.binary = '/usr/bin/perl'") == nothing)
        #expect(try verdict("process.binary = '/no/such'", "process.pid = 4711") == own)
    }

    @Test func `Both are unwanted of a kind that is dropped unless a rule wants it`() throws {
        let judge = ProcessJudge(try RuleFixture.rules("[default]\nshell = 'drop'"), among: [.open, .shell])
        #expect(judge.kinds == [.shell])
        let batch = Pipeline().batch([Records.exec(RuleFixture.who, of: RuleFixture.parent, at: 5500)])
        let event = try #require(batch.events.last)
        let verdict = judge.verdict(try #require(event.process), parent: event.parent, batch.record(event))
        #expect(verdict == ProcessJudge.Verdict(unwanted: [.shell], inherited: [.shell]))
    }
}
