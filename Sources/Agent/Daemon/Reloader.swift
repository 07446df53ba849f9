import API
import Engine
import Logging
import Synchronization

/// Reads the configuration again, and has the agent do what it says now; or nothing of it, when something is wrong.
final class Reloader: AgentControl {
    private let mailbox: Mailbox
    private let source: ConfigurationSource
    private let identity: StatusIdentity
    private let current: Mutex<Configuration>
    private let logger: Logger

    init(
        _ mailbox: Mailbox,
        _ source: ConfigurationSource,
        current: Configuration,
        identity: StatusIdentity,
        logger: Logger
    ) {
        self.mailbox = mailbox
        self.source = source
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

    func reload() async -> ReloadOutcome {
        var outcome = ReloadOutcome()
        do {
            let configuration = try source.read()
            let changed = current.withLock { $0.changedKeys(in: configuration) }
            outcome.applied = changed.filter(\.holdsAtOnce).map(\.name)
            outcome.atNextStart = changed.filter { !$0.holdsAtOnce }.map(\.name)
            if !outcome.applied.isEmpty {
                let filter = source.options(configuration).filter
                try await mailbox.ask { $0.apply(filter) }
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
        } else if outcome.applied.isEmpty, outcome.atNextStart.isEmpty {
            logger.notice("the configuration was read again: nothing has changed")
        }
        if !outcome.applied.isEmpty { logger.notice("changed: \(outcome.applied.joined(separator: ", "))") }
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
