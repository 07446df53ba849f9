import API
import Fixtures
import GRPCCore
import Glibc
import Logging
import MartletV1
import Synchronization
import Testing

/// What the control socket says about policies, with real connections and invented policies.
@Suite(.timeLimit(.minutes(1))) struct PolicyServiceTests {
    /// Notes what it is asked, and knows one policy.
    private final class Policies: PolicyControl {
        let asked = Mutex<[String]>([])

        private func note(_ question: String) { asked.withLock { $0.append(question) } }

        func policies() async throws -> [PolicyStatus] {
            var status = PolicyStatus(PolicyID("audit", namespace: "shop"))
            status.file = "/etc/martlet/policies.d/audit.yaml"
            status.state = .partiallyEnabled
            status.mode = "monitor"
            status.hooks = [
                PolicyStatus.Hook(section: "kprobes", target: "tcp_connect", backend: "fentry"),
                PolicyStatus.Hook(section: "kprobes", target: "nothing", backend: "", problem: "no such function"),
            ]
            (status.matched, status.posted, status.suppressed) = (9, 7, 2)
            status.kernelMemory = 4096
            var broken = PolicyStatus(PolicyID("broken"))
            broken.state = .error("the verifier refuses it")
            return [status, broken]
        }

        func add(_ yaml: String, file: String) async throws -> PolicyAddition {
            note("add \(yaml) \(file)")
            var addition = PolicyAddition()
            if yaml == "bad" { addition.problems = ["\(file):1:1: bad"] } else { addition.added = [PolicyID("new")] }
            return addition
        }

        func remove(_ policy: PolicyID) async throws {
            note("remove \(policy)")
            guard policy.name == "audit" else { throw PolicyControlFailure.unknown(policy) }
        }

        func set(_ policy: PolicyID, enabled: Bool) async throws {
            note("set \(policy) \(enabled)")
            guard policy.name != "stuck" else { throw PolicyControlFailure.failed("it is stuck") }
            guard policy.name != "late" else { throw ControlFailure.stopping }
        }
    }

    private struct Agent: AgentControl {
        let policies: (any PolicyControl)?

        func status() async throws -> AgentStatus { AgentStatus() }
        func reload() async -> ReloadOutcome { ReloadOutcome() }
    }

    private let folder: TemporaryFolder
    private let policies = Policies()

    init() throws { folder = try TemporaryFolder() }

    /// Asks a server that is there for this question alone.
    private func ask<Answer: Sendable>(
        _ hasPolicies: Bool = true,
        owner: UInt32 = geteuid(),
        _ question: @escaping @Sendable (ControlClient.Service) async throws -> Answer
    ) throws -> Answer {
        let path = folder.path("\(UInt32.random(in: 0...UInt32.max)).sock")
        let server = try ControlServer(
            try UnixListener(path: path),
            ControlServer.Service(
                access: Access(owner: owner),
                control: Agent(policies: hasPolicies ? policies : nil),
                feed: EventFeed(node: "node-1"),
                node: "node-1",
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        server.start()
        defer { server.stop(within: 1) }
        return try ControlClient(socket: path).call(question)
    }

    private func named(_ name: String, _ namespace: String = "") -> Martlet_V1_PolicyName {
        .with {
            $0.name = name
            $0.namespace = namespace
        }
    }

    @Test func aListTellsAllThatIsKnown() throws {
        let list = try ask { try await $0.listPolicies(.init()).policies }
        let policy = try #require(list.first)
        #expect(policy.name == "audit" && policy.namespace == "shop")
        #expect(policy.file == "/etc/martlet/policies.d/audit.yaml")
        #expect(policy.state == .partiallyEnabled && policy.mode == "monitor")
        #expect(policy.hooks.map(\.working) == [true, false])
        #expect(policy.hooks.map(\.problem) == ["", "no such function"])
        #expect(policy.hooks.map(\.backend) == ["fentry", ""])
        #expect([policy.matched, policy.posted, policy.suppressed, policy.kernelMemoryBytes] == [9, 7, 2, 4096])
        #expect(list.last?.state == .error && list.last?.error == "the verifier refuses it")
    }

    @Test func whatIsWrongWithAPolicyIsAnAnswer() throws {
        let bad = try ask { agent in
            try await agent.addPolicy(
                .with {
                    $0.yaml = "bad"
                    $0.file = "a.yaml"
                }
            )
        }
        #expect(bad.problems == ["a.yaml:1:1: bad"] && bad.added.isEmpty)
        let good = try ask { agent in try await agent.addPolicy(.with { $0.yaml = "good" }) }
        #expect(good.added.map(\.name) == ["new"] && good.problems.isEmpty)
    }

    @Test func policiesAreRemovedAndSwitchedByName() throws {
        let policy = named("audit", "shop")
        _ = try ask { agent in try await agent.removePolicy(.with { $0.policy = policy }) }
        _ = try ask { agent in try await agent.setPolicyEnabled(.with { $0.policy = policy }) }
        _ = try ask { agent in
            try await agent.setPolicyEnabled(
                .with {
                    $0.policy = policy
                    $0.enabled = true
                }
            )
        }
        #expect(
            policies.asked.withLock { $0 } == ["remove shop/audit", "set shop/audit false", "set shop/audit true"]
        )
    }

    private func code(_ question: @escaping @Sendable (ControlClient.Service) async throws -> Void) throws
        -> RPCError.Code?
    {
        try ask { agent in
            do {
                try await question(agent)
                return nil
            } catch let error as RPCError {
                return error.code
            }
        }
    }

    @Test func whatIsInTheWayHasACodeOfItsOwn() throws {
        let (unknown, stuck, late) = (named("none"), named("stuck"), named("late"))
        #expect(try code { _ = try await $0.removePolicy(.with { $0.policy = unknown }) } == .notFound)
        #expect(try code { _ = try await $0.removePolicy(.init()) } == .invalidArgument)
        #expect(try code { _ = try await $0.setPolicyEnabled(.with { $0.policy = stuck }) } == .failedPrecondition)
        #expect(try code { _ = try await $0.setPolicyEnabled(.with { $0.policy = late }) } == .unavailable)
    }

    @Test func anAgentWithoutPoliciesSaysSo() throws {
        #expect {
            try ask(false) { _ = try await $0.listPolicies(.init()) }
        } throws: {
            "\($0)" == "this agent has no policies"
        }
    }
}
