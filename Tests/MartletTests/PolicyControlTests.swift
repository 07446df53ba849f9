import API
import Fixtures
import Foundation
import Glibc
import Logging
import Testing

/// `martlet policy ls`, `add`, `rm`, `enable`, `disable`, against a daemon's control socket with invented policies.
@Suite(.timeLimit(.minutes(1))) struct PolicyControlTests {
    private struct Policies: PolicyControl {
        let list: [PolicyStatus]

        func policies() async throws -> [PolicyStatus] { list }

        func add(_ yaml: String, file: String) async throws -> PolicyAddition {
            var addition = PolicyAddition()
            if yaml.hasPrefix("bad") {
                addition.problems = ["\(file):1:1: bad"]
            } else {
                addition.added = [PolicyID("new", namespace: "shop")]
            }
            return addition
        }

        func remove(_ policy: PolicyID) async throws {
            guard policy == PolicyID("egress", namespace: "shop") else { throw PolicyControlFailure.unknown(policy) }
        }

        func set(_ policy: PolicyID, enabled: Bool) async throws {
            guard enabled else { throw PolicyControlFailure.failed("it is stuck") }
        }
    }

    private struct Agent: AgentControl {
        let policies: (any PolicyControl)?

        func status() async throws -> AgentStatus { AgentStatus() }
        func reload() async -> ReloadOutcome { ReloadOutcome() }
    }

    private let martlet: Martlet
    private let folder: TemporaryFolder

    init() throws {
        martlet = try Martlet()
        folder = try TemporaryFolder()
    }

    /// Runs the command against a server that is there for it alone.
    private func run(_ arguments: String..., policies list: [PolicyStatus]? = []) throws -> Martlet.Result {
        let path = folder.path("\(UInt32.random(in: 0...UInt32.max)).sock")
        let server = try ControlServer(
            try UnixListener(path: path),
            ControlServer.Service(
                access: Access(owner: geteuid()),
                control: Agent(policies: list.map { Policies(list: $0) }),
                feed: EventFeed(node: "node-1"),
                node: "node-1",
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        server.start()
        defer { server.stop(within: 1) }
        return try Martlet.run(martlet.path, ["policy"] + arguments + ["--socket", path])
    }

    private var egress: PolicyStatus {
        var status = PolicyStatus(PolicyID("egress", namespace: "shop"))
        status.file = "/etc/egress.yaml"
        status.mode = "monitor"
        status.hooks = [PolicyStatus.Hook(section: "kprobes", target: "tcp_connect", backend: "fentry")]
        (status.matched, status.posted, status.suppressed, status.kernelMemory) = (9, 7, 2, 4000)
        return status
    }

    @Test func aListIsATable() throws {
        var other = PolicyStatus(PolicyID("other"))
        other.state = .disabled
        other.hooks = [PolicyStatus.Hook(section: "lsmhooks", target: "file_open", backend: "", problem: "off")]
        let result = try run("ls", policies: [egress, other])
        #expect(result.exitCode == 0)
        let expected = """
            NAME         STATE     MODE     HOOKS  MATCHED  POSTED  SUPPRESSED  MEMORY  FROM
            shop/egress  enabled   monitor  1/1    9        7       2           4K      /etc/egress.yaml
            other        disabled           0/1    0        0       0           0K      api

            """
        #expect(result.text == expected)
        #expect(try run("list").text == "no policies\n")
    }

    @Test func whatIsMissingIsNamedAndTellsByTheStatus() throws {
        var (partial, broken) = (egress, PolicyStatus(PolicyID("broken")))
        partial.state = .partiallyEnabled
        partial.hooks.append(
            PolicyStatus.Hook(section: "kprobes", target: "x", backend: "", problem: "no such function")
        )
        broken.state = .error("the verifier refuses it")
        let result = try run("ls", policies: [partial, broken])
        #expect(result.exitCode == 1)
        #expect(result.text.contains("\n  kprobes x: no such function\n"))
        #expect(result.text.contains("\n  the verifier refuses it\n"))
        let json = try run("ls", "-o", "json", policies: [partial])
        #expect(json.exitCode == 1)
        #expect(json.text.contains(#""state":"POLICY_STATE_PARTIALLY_ENABLED""#))
    }

    @Test func whatNoCallCanHoldIsNotSent() throws {
        let large = try folder.write([UInt8](repeating: 0x23, count: 251 << 10), to: "large.yaml")
        let result = try run("add", large)
        #expect(result.exitCode == 78)
        #expect(result.errors.contains("large.yaml: has more than 250 KiB: put it in several files"))
    }

    @Test func policiesAreAddedFileByFile() throws {
        let good = try folder.write(Array("good".utf8), to: "a.yaml")
        let bad = try folder.write(Array("bad".utf8), to: "b.yaml")
        let added = try run("add", good)
        #expect(added.exitCode == 0 && added.text == "added shop/new\n")
        let mixed = try run("add", bad, good)
        #expect(mixed.exitCode == 78 && mixed.text == "added shop/new\n")
        #expect(mixed.errors == "martlet: \(bad):1:1: bad\n")
        let none = try run("add", folder.path("none.yaml"))
        #expect(none.exitCode == 78 && none.errors.contains("none.yaml: cannot be read"))
        let latin = try folder.write([0x61, 0xff], to: "c.yaml")
        let refused = try run("add", latin)
        #expect(refused.exitCode == 78 && refused.errors.contains("c.yaml"))
    }

    @Test func policiesAreRemovedAndSwitchedByName() throws {
        for name in ["rm", "remove", "delete"] { #expect(try run(name, "egress", "-n", "shop").exitCode == 0) }
        let unknown = try run("rm", "egress")
        #expect(unknown.exitCode == 1 && unknown.errors == "martlet: there is no policy egress\n")
        #expect(try run("enable", "egress").exitCode == 0)
        let stuck = try run("disable", "egress")
        #expect(stuck.exitCode == 1 && stuck.errors == "martlet: it is stuck\n")
    }

    @Test func anAgentWithoutPoliciesOrNoAgentIsTold() throws {
        let none = try run("ls", policies: nil)
        #expect(none.exitCode == 1 && none.errors == "martlet: this agent has no policies\n")
        let nobody = try martlet.run("policy", "ls", "--socket", folder.path("nobody.sock"))
        #expect(nobody.exitCode == 69)
    }
}
