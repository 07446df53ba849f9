/// What the control socket and the metrics ask of the agent, which lies above them.
package protocol AgentControl: Sendable {
    /// How the agent is now. Costs some ten system calls, between two batches.
    func status() async throws -> AgentStatus
    /// Reads the configuration again and has it hold, or nothing of it.
    func reload() async -> ReloadOutcome
    /// What is asked about tracing policies; nil: there are none.
    var policies: (any PolicyControl)? { get }
    /// What is asked about rules; nil: there are none.
    var rules: (any RuleControl)? { get }
}

extension AgentControl {
    /// An agent without policies.
    package var policies: (any PolicyControl)? { nil }
    /// An agent without rules.
    package var rules: (any RuleControl)? { nil }
}

/// What came of reading the configuration again.
package struct ReloadOutcome: Sendable, Equatable {
    /// What is wrong, each with its place; then nothing has changed.
    package var problems: [String] = []
    /// Keys whose new values hold now.
    package var applied: [String] = []
    /// Keys whose new values hold from the next start on.
    package var atNextStart: [String] = []
    /// Keys that changed, and that the daemon's command line has overruled.
    package var overruled: [String] = []
    /// What it cannot watch, though the configuration asks for it now.
    package var missing: [String] = []

    package init() {}
}

/// Why the agent did not answer.
package enum ControlFailure: Error, Equatable, CustomStringConvertible {
    case stopping
    case overloaded
    case tooDear

    package var description: String {
        switch self {
        case .stopping: "the agent is ending"
        case .tooDear: "this filter takes more time than there is for one client: choose fewer or simpler patterns"
        case .overloaded: "too many questions wait for the agent"
        }
    }
}
