import API
import Synchronization

/// Rules without an agent: notes what it is asked, and keeps names alone.
final class InventedRules: RuleControl {
    let asked = Mutex<[String]>([])
    private let list: Mutex<[RuleStatus]>

    init(_ list: [RuleStatus] = []) { self.list = Mutex(list) }

    private func note(_ question: String) { asked.withLock { $0.append(question) } }

    func rules() async throws -> [RuleStatus] { list.withLock { $0 } }

    /// Texts that begin with `bad` are wrong; others are rules of the name `new`.
    func add(_ toml: String, file: String) async throws -> RuleAddition {
        note("add \(file):\(toml)")
        guard !toml.contains("late") else { throw ControlFailure.stopping }
        var addition = RuleAddition()
        if toml.contains("bad") {
            addition.problems = ["\(file):1:1: bad", "\(file):2:1: worse"]
        } else {
            addition.warnings = ["\(file):1:1: odd"]
            addition.added = ["new"]
        }
        return addition
    }

    func remove(_ name: String, tracer: String?) async throws {
        note("remove \(name) \(tracer ?? "-")")
        guard name != "stuck" else { throw RuleControlFailure.failed("it is stuck") }
        try list.withLock { list in
            guard list.contains(where: { $0.name == name }) else { throw RuleControlFailure.unknown(name) }
            list.removeAll { $0.name == name }
        }
    }

    func explain() async throws -> String { "all of it\n" }
}

extension RuleStatus {
    /// One with all that a rule can have.
    static var passwords: RuleStatus {
        var rule = RuleStatus("passwords")
        rule.tracers = ["open", "exec"]
        rule.file = "/etc/martlet/rules.d/passwords.toml"
        rule.severity = "high"
        rule.tags = ["files"]
        rule.filters = [Filter("filename", ["/etc/shadow", "/etc/passwd"]), Filter("command", ["su"])]
        rule.runtimes = ["docker", "kube"]
        rule.actions = ["stdout"]
        (rule.matched, rule.suppressed) = (9, 2)
        return rule
    }
}
