import API
import Engine
import Logging
import Synchronization

/// Reads the configuration again, and has the agent do what it says now; or nothing of it, when something is wrong.
final class Reloader: AgentControl {
    private let mailbox: Mailbox
    private let source: ConfigurationSource
    let policies: (any PolicyControl)?
    let rules: (any RuleControl)?
    private let identity: StatusIdentity
    private let current: Mutex<Configuration>
    private let logger: Logger
    private let turns = Mutex(Turns())

    /// Who reads, and how many wait for their turn.
    private struct Turns {
        var last: Task<ReloadOutcome, Never>?
        var waiting = 0
        var hangups = 0
    }

    private static let limit = 16

    init(
        _ mailbox: Mailbox,
        _ source: ConfigurationSource,
        policies: (any PolicyControl)?,
        rules: (any RuleControl)?,
        current: Configuration,
        identity: StatusIdentity,
        logger: Logger
    ) {
        self.mailbox = mailbox
        self.source = source
        self.policies = policies
        self.rules = rules
        self.current = Mutex(current)
        self.identity = identity
        self.logger = logger
    }

    func status() async throws -> AgentStatus {
        var status = try await mailbox.ask { try $0.status() }
        status.version = identity.version
        status.configuration = identity.configuration
        return status
    }

    /// One after the other: what the last one reads is what holds.
    func reload() async -> ReloadOutcome {
        let turn = turns.withLock { turns -> Task<ReloadOutcome, Never>? in
            guard turns.waiting < Self.limit else { return nil }
            turns.waiting += 1
            let previous = turns.last
            let task = Task.detached { [self] in
                _ = await previous?.value
                let outcome = await reloadNow()
                self.turns.withLock { $0.waiting -= 1 }
                return outcome
            }
            turns.last = task
            return task
        }
        guard let turn else {
            var outcome = ReloadOutcome()
            outcome.problems = ["\(ControlFailure.overloaded)"]
            return outcome
        }
        return await turn.value
    }

    /// False: one of before has not come to its turn yet, and does for this one as well.
    func beginHangup() -> Bool {
        turns.withLock { turns in
            guard turns.hangups < 2 else { return false }
            turns.hangups += 1
            return true
        }
    }

    func endHangup() { turns.withLock { $0.hangups -= 1 } }

    private func reloadNow() async -> ReloadOutcome {
        var outcome = ReloadOutcome()
        do {
            let configuration = try source.readAgain()
            let changed = current.withLock { $0.changedKeys(in: configuration) }
            outcome.overruled = changed.map(\.name).filter(source.overruled.contains)
            let effective = changed.filter { !source.overruled.contains($0.name) }
            outcome.applied = effective.filter(\.holdsAtOnce).map(\.name)
            outcome.atNextStart = effective.filter { !$0.holdsAtOnce }.map(\.name)
            if !outcome.applied.isEmpty {
                let filter = source.options(configuration).filter
                outcome.missing = try await mailbox.ask { $0.apply(filter) }
            }
            // What holds from the next start on is told again, until then.
            current.withLock { $0 = $0.taking(configuration) { $0.holdsAtOnce } }
        } catch let error as ConfigurationError {
            outcome = ReloadOutcome()
            outcome.problems = error.problems.map { "\($0)" }
        } catch {
            outcome = ReloadOutcome()
            outcome.problems = ["\(error)"]
        }
        log(outcome)
        return outcome
    }

    private func log(_ outcome: ReloadOutcome) {
        for problem in outcome.problems { logger.error("\(problem)") }
        if !outcome.problems.isEmpty {
            logger.error("the configuration was not read again: what held before goes on")
        } else if outcome.applied.isEmpty, outcome.atNextStart.isEmpty, outcome.overruled.isEmpty {
            logger.notice(
                "the configuration was read again, without the files of rules and policies: nothing has changed"
            )
        }
        if !outcome.applied.isEmpty { logger.notice("changed: \(outcome.applied.joined(separator: ", "))") }
        if !outcome.overruled.isEmpty {
            logger.warning("the command line overrules: \(outcome.overruled.joined(separator: ", "))")
        }
        if !outcome.atNextStart.isEmpty {
            logger.warning("changed from the next start on: \(outcome.atNextStart.joined(separator: ", "))")
        }
    }
}

/// What a status says of the daemon itself.
package struct StatusIdentity: Sendable {
    package var version: String
    package var configuration: String

    package init(version: String, configuration: String) {
        self.version = version
        self.configuration = configuration
    }
}
