import API
import Fixtures
import Foundation
import Testing

/// `martlet rules ls`, `add`, `rm`, `explain`, against a daemon's control socket with invented rules.
@Suite(.timeLimit(.minutes(1))) struct RulesCommandTests {
    private let martlet: Martlet
    private let folder: TemporaryFolder

    init() throws {
        martlet = try Martlet()
        folder = try TemporaryFolder()
    }

    /// Runs the command against a server that is there for it alone.
    private func run(_ arguments: String..., rules: [RuleStatus]? = []) throws -> Martlet.Result {
        try InventedAgent(rules).serve(in: folder) {
            try Martlet.run(martlet.path, ["rules"] + arguments + ["--socket", $0])
        }
    }

    @Test func aListIsATable() throws {
        var passwords = RuleStatus.named("passwords", "open", "exec")
        passwords.file = "/etc/martlet/rules.d/passwords.toml"
        passwords.severity = "high"
        (passwords.matched, passwords.suppressed) = (9, 2)
        let list = [passwords, .named("shells", "bashreadline")]
        let result = try run("ls", rules: list)
        #expect(result.exitCode == 0)
        let expected = """
            NAME       TRACERS       SEVERITY  MATCHED  SUPPRESSED  FROM
            passwords  open,exec     high      9        2           /etc/martlet/rules.d/passwords.toml
            shells     bashreadline            0        0           api

            """
        #expect(result.text == expected)
        #expect(try run("list").text == "no rules\n")
        #expect(try run("ls", "-o", "json", rules: list).text.contains(#""tracers":["open","exec"]"#))
    }

    @Test func rulesAreAddedFileByFile() throws {
        let good = try folder.write(Array("odd".utf8), to: "a.toml")
        let bad = try folder.write(Array("bad".utf8), to: "b.toml")
        let added = try run("add", good)
        #expect(added.exitCode == 0 && added.text == "added a\n")
        #expect(added.errors == "martlet: warning: \(good):1:1: odd\n")
        let mixed = try run("add", bad, good)
        #expect(mixed.exitCode == 78 && mixed.text == "added a\n")
        #expect(mixed.errors.hasPrefix("martlet: \(bad):1:1: bad\n"))
        let none = try run("add", folder.path("none.toml"))
        #expect(none.exitCode == 78 && none.errors.contains("none.toml: cannot be read: No such file"))
        let latin = try folder.write([0x61, 0xff], to: "c.txt")
        #expect(try run("add", latin).errors == "martlet: \(latin): is no UTF-8\n")
        let large = try folder.write([UInt8](repeating: 0x23, count: 1 << 20), to: "d.txt")
        let reason = "has more than 250 KiB: put it in several files, or where the daemon reads it when it starts"
        #expect(try run("add", large).errors == "martlet: \(large): \(reason)\n")
    }

    @Test func aFolderIsItsTOMLFilesByName() throws {
        for name in ["b.toml", "a.toml", "c.txt", ".d.toml"] { _ = try folder.write(Array("x".utf8), to: name) }
        let result = try run("add", folder.path(""))
        #expect(result.exitCode == 0 && result.text == "added a\nadded b\n", "\(result.errors)")
    }

    @Test func aRuleIsRemovedByName() throws {
        let list = [RuleStatus.named("passwords", "open")]
        for name in ["rm", "remove", "delete"] { #expect(try run(name, "passwords", rules: list).exitCode == 0) }
        #expect(try run("rm", "passwords", "--tracer", "open", rules: list).exitCode == 0)
        let unknown = try run("rm", "passwords", "--tracer", "exec", rules: list)
        #expect(unknown.exitCode == 1 && unknown.errors == "martlet: there is no rule 'passwords'\n")
    }

    @Test func whatTheKernelDoesIsPrinted() throws {
        #expect(try run("explain").text == "exec: all of it is kept back\n")
    }

    @Test func anAgentWithoutRulesOrNoAgentIsTold() throws {
        let none = try run("ls", rules: nil)
        #expect(none.exitCode == 1 && none.errors == "martlet: this agent has no rules\n")
        #expect(try martlet.run("rules", "ls", "--socket", folder.path("nobody.sock")).exitCode == 69)
    }
}
