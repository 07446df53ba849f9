import API
import Logging
import Model
import Probes
import Rules
import Synchronization

/// The rules of a running agent, and how they change.
final class RuleManager: RuleControl {
    private struct State {
        var rules: RuleSet
        /// Those that clients added.
        var added: Set<String> = []
        var version: UInt64 = 0
    }

    private let mailbox: Mailbox
    private let state: Mutex<State>
    private let keeper: RuleKeeper?
    private let logger: Logger

    /// - Parameters:
    ///   - rules: those that the agent began with.
    ///   - added: the names of those among them that clients had added.
    ///   - keeper: keeps what clients add; nil: it goes with the agent.
    init(_ rules: RuleSet, added: Set<String>, keeper: RuleKeeper?, mailbox: Mailbox, logger: Logger) {
        state = Mutex(State(rules: rules, added: added))
        self.keeper = keeper
        self.mailbox = mailbox
        self.logger = logger
    }

    func rules() async throws -> [RuleStatus] {
        let (version, counts) = try await mailbox.ask { $0.ruleCounts() }
        return state.withLock { state in
            // Counts of rules that hold no longer are nobody's.
            let isCurrent = version == state.version && counts.count == state.rules.rules.count
            return state.rules.rules.enumerated().map { index, rule in
                var status = RuleStatus(rule, isAdded: state.added.contains(rule.name))
                if isCurrent { (status.matched, status.suppressed) = counts[index] }
                return status
            }
        }
    }

    func add(_ toml: String, file: String) async throws -> RuleAddition {
        var collection = RuleCollection()
        collection.read(Array(toml.utf8), file: file.isEmpty ? "rule" : file)
        var addition = RuleAddition()
        addition.warnings = collection.problems.filter { $0.severity == .warning }.map { "\($0)" }
        addition.problems = collection.problems.filter { $0.severity == .error }.map { "\($0)" }
        guard addition.problems.isEmpty else { return addition }
        let set = collection.set
        guard set.defaults.isEmpty else {
            addition.problems = [
                "[default] stands in the files that the daemon begins with (/etc/martlet/rules.d): it is not changed while it runs"
            ]
            return addition
        }
        let problem = state.withLock { state -> String? in
            let rules = state.rules.replacing(with: set)
            guard rules.rules.count <= RuleLimits.rules else {
                return "there would be more than \(RuleLimits.rules) rules"
            }
            state.rules = rules
            state.added.formUnion(set.rules.map(\.name))
            state.version += 1
            return nil
        }
        if let problem { throw RuleControlFailure.failed(problem) }
        addition.warnings += try await apply()
        addition.added = set.rules.map(\.name)
        for rule in set.rules {
            do throws(RuleKeeper.Failure) { try keeper?.keep(rule) } catch {
                logger.error("\(error)")
                addition.warnings.append("the rule '\(rule.name)' holds, and will be gone at the next start: \(error)")
            }
        }
        return addition
    }

    func remove(_ name: String, tracer: String?) async throws {
        let failure = state.withLock { state -> RuleControlFailure? in
            guard let index = state.rules.rules.firstIndex(where: { $0.name == name }) else { return .unknown(name) }
            let tracers = state.rules.rules[index].tracers.map(\.name)
            if let tracer {
                guard tracers.contains(tracer) else { return .unknown(name) }
                guard tracers.count == 1 else {
                    return .failed(
                        "the rule '\(name)' is for \(tracers.joined(separator: ", ")): remove it without a tracer"
                    )
                }
            }
            state.rules.rules.remove(at: index)
            state.added.remove(name)
            state.version += 1
            return nil
        }
        if let failure { throw failure }
        _ = try await apply()
        do throws(RuleKeeper.Failure) { try keeper?.forget(name) } catch {
            throw RuleControlFailure.failed("the rule is gone until the next start, and comes back then: \(error)")
        }
    }

    func explain() async throws -> String {
        state.withLock { RuleExplanation.text(of: $0.rules, observed: KernelGate.observed) }
    }

    /// Has what is there now hold; returns what cannot be watched.
    private func apply() async throws -> [String] {
        let (rules, version) = state.withLock { ($0.rules, $0.version) }
        let compiled = CompiledRules(rules, version: version)
        return try await mailbox.ask { $0.apply(compiled) }
    }
}

extension RuleStatus {
    fileprivate init(_ rule: Rule, isAdded: Bool) {
        self.init(rule.name)
        tracers = rule.tracers.map(\.name)
        file = isAdded || rule.place.file.isEmpty ? nil : rule.place.file
        severity = rule.matched.severity?.rawValue ?? ""
        tags = rule.matched.tags
        filters = rule.filters.map { RuleStatus.Filter($0.key, $0.values) }
        runtimes = rule.runtimes
        actions = rule.actions.map(\.rawValue)
    }
}
