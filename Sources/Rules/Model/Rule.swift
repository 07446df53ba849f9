import Model
import UserInput

/// What an operator wants to be told of, as a file of rules says it.
package struct Rule: Sendable {
    package let name: String
    /// Where it stands.
    package let place: InputPlace
    /// The events that it looks at.
    package let tracers: [Tracer]
    /// What must be true of them.
    package let condition: Condition
    /// What is told of those that match.
    package let matched: MatchedRule
    package let rateLimit: RateLimit?
    package let actions: [Action]
    /// bpfd's `filterEvents` and `containerRuntimes` as they were written; `condition` has them, too.
    package let filters: [(key: String, values: [String])]
    package let runtimes: [String]
    /// All of it as TOML, for who keeps it.
    package let text: String

    /// The kinds of events that it looks at.
    package var kinds: KindSet { KindSet(tracers.flatMap(\.kinds)) }

    /// What happens with the events that match, besides that they are told.
    package enum Action: String, CaseIterable, Sendable {
        /// They are written to the outputs, which they are anyway.
        case stdout
        /// SIGKILL to the process.
        case kill
        /// SIGINT to the process.
        case interrupt
    }

    /// How often it may match.
    package struct RateLimit: Sendable, Equatable {
        /// How many events.
        package let events: UInt64
        /// In how long, ns.
        package let window: UInt64
        /// Each value of these fields has a limit of its own.
        package let by: [String]
    }
}
