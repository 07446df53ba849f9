import API
import Fixtures
import GRPCCore
import Glibc
import Logging
import MartletV1
import Synchronization
import Testing

/// What the control socket says about rules, with real connections and invented rules.
@Suite(.timeLimit(.minutes(1))) struct RuleServiceTests {
    private struct Agent: AgentControl {
        let rules: (any RuleControl)?

        func status() async throws -> AgentStatus { AgentStatus() }
        func reload() async -> ReloadOutcome { ReloadOutcome() }
    }

    private let folder: TemporaryFolder
    private let rules = InventedRules([.passwords])

    init() throws { folder = try TemporaryFolder() }

    /// Asks a server that is there for this question alone.
    private func ask<Answer: Sendable>(
        _ hasRules: Bool = true,
        access: Access = Access(owner: geteuid()),
        _ question: @escaping @Sendable (ControlClient.Service) async throws -> Answer
    ) throws -> Answer {
        let path = folder.path("\(UInt32.random(in: 0...UInt32.max)).sock")
        let server = try ControlServer(
            try UnixListener(path: path),
            ControlServer.Service(
                access: access,
                control: Agent(rules: hasRules ? rules : nil),
                feed: EventFeed(node: "node-1"),
                node: "node-1",
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        server.start()
        defer { server.stop(within: 1) }
        return try ControlClient(socket: path).call(question)
    }

    @Test func aListTellsAllThatIsKnown() throws {
        let list = try ask { try await $0.listRules(.init()).rules }
        #expect(list.count == 1)
        let rule = try #require(list.first)
        #expect(rule.name == "passwords" && rule.tracers == ["open", "exec"] && rule.severity == "high")
        #expect(rule.file == "/etc/martlet/rules.d/passwords.toml" && rule.tags == ["files"])
        #expect(rule.filters.map(\.key) == ["filename", "command"])
        #expect(rule.filters.map(\.values) == [["/etc/shadow", "/etc/passwd"], ["su"]])
        #expect(rule.runtimes == ["docker", "kube"] && rule.actions == ["stdout"])
        #expect(rule.matched == 9 && rule.suppressed == 2)
    }

    @Test func whatIsWrongWithARuleIsAnAnswer() throws {
        func add(_ toml: String) throws -> Martlet_V1_AddRulesResponse {
            try ask { agent in
                try await agent.addRules(
                    .with {
                        $0.toml = toml
                        $0.file = "a.toml"
                    }
                )
            }
        }
        let bad = try add("bad")
        #expect(bad.problems == ["a.toml:1:1: bad", "a.toml:2:1: worse"] && bad.added.isEmpty)
        let good = try add("good")
        #expect(good.problems.isEmpty && good.warnings == ["a.toml:1:1: odd"] && good.added == ["new"])
    }

    @Test func aRuleIsRemovedByNameAndTracer() throws {
        _ = try ask { agent in
            try await agent.removeRule(
                .with {
                    $0.name = "passwords"
                    $0.tracer = "open"
                }
            )
        }
        #expect(rules.asked.withLock { $0 } == ["remove passwords open"])
    }

    @Test func whatTheKernelDoesIsTold() throws {
        #expect(try ask { try await $0.explainRules(.init()).text } == "all of it\n")
    }

    private func code(
        access: Access = Access(owner: geteuid()),
        _ question: @escaping @Sendable (ControlClient.Service) async throws -> Void
    ) throws -> RPCError.Code? {
        try ask(access: access) { agent in
            do {
                try await question(agent)
                return nil
            } catch let error as RPCError {
                return error.code
            }
        }
    }

    @Test func whatIsInTheWayHasACodeOfItsOwn() throws {
        #expect(try code { agent in _ = try await agent.removeRule(.with { $0.name = "none" }) } == .notFound)
        #expect(try code { agent in _ = try await agent.removeRule(.init()) } == .invalidArgument)
        #expect(
            try code { agent in _ = try await agent.removeRule(.with { $0.name = "stuck" }) } == .failedPrecondition
        )
        #expect(try code { agent in _ = try await agent.addRules(.with { $0.toml = "late" }) } == .unavailable)
    }

    @Test func anAgentWithoutRulesSaysSo() throws {
        #expect {
            try ask(false) { _ = try await $0.listRules(.init()) }
        } throws: {
            "\($0)" == "this agent has no rules"
        }
    }
}
