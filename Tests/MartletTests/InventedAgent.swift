import API
import Fixtures
import Glibc
import Logging
import Synchronization

/// A control socket with rules that are invented, for the commands that ask it.
final class InventedAgent: AgentControl {
    private final class Rules: RuleControl {
        let list: Mutex<[RuleStatus]>

        init(_ list: [RuleStatus]) { self.list = Mutex(list) }

        func rules() async throws -> [RuleStatus] { list.withLock { $0 } }

        func add(_ toml: String, file: String) async throws -> RuleAddition {
            var addition = RuleAddition()
            if toml.contains("bad") {
                addition.problems = ["\(file):1:1: bad"]
                return addition
            }
            let name = String(file.split(separator: "/").last?.split(separator: ".").first ?? "?")
            if toml.contains("odd") { addition.warnings = ["\(file):1:1: odd"] }
            addition.added = [name]
            var rule = RuleStatus(name)
            rule.tracers = ["exec"]
            list.withLock { [rule] in $0.append(rule) }
            return addition
        }

        func remove(_ name: String, tracer: String?) async throws {
            try list.withLock { list in
                guard list.contains(where: { $0.name == name && (tracer.map($0.tracers.contains) ?? true) }) else {
                    throw RuleControlFailure.unknown(name)
                }
                list.removeAll { $0.name == name }
            }
        }

        func explain() async throws -> String { "exec: all of it is kept back\n" }
    }

    let rules: (any RuleControl)?
    let feed = EventFeed(node: "node-1")

    /// - Parameter rules: nil: it has none.
    init(_ rules: [RuleStatus]?) { self.rules = rules.map(Rules.init) }

    func status() async throws -> AgentStatus { AgentStatus() }
    func reload() async -> ReloadOutcome { ReloadOutcome() }

    /// Answers at a socket of its own as long as `body` runs, which gets its path.
    func serve<Result>(in folder: TemporaryFolder, _ body: (String) throws -> Result) throws -> Result {
        let path = folder.path("\(UInt32.random(in: 0...UInt32.max)).sock")
        let server = try ControlServer(
            try UnixListener(path: path),
            ControlServer.Service(
                access: Access(owner: geteuid()),
                control: self,
                feed: feed,
                node: "node-1",
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        server.start()
        defer { server.stop(within: 1) }
        return try body(path)
    }
}

extension RuleStatus {
    /// One of those that the tests' agents have.
    static func named(_ name: String, _ tracers: String...) -> RuleStatus {
        var rule = RuleStatus(name)
        rule.tracers = tracers
        return rule
    }
}
