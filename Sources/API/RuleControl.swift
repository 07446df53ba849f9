/// What the control socket asks about rules of the agent, which lies above it.
package protocol RuleControl: Sendable {
    /// All rules, in the order in which they came.
    func rules() async throws -> [RuleStatus]
    /// Has the rules of a text hold, all of them or none; one that was there under the same name is replaced.
    ///
    /// - Parameter file: what problems call the text, and after which a rule without a name is named; empty: it has no name.
    func add(_ toml: String, file: String) async throws -> RuleAddition
    /// Forgets a rule.
    ///
    /// - Parameter tracer: only where it is this one's; nil: whatever its tracers are.
    /// - Throws: `RuleControlFailure.unknown` when there is none.
    func remove(_ name: String, tracer: String?) async throws
    /// Says in words what the kernel keeps back, and why it does not keep back the rest.
    func explain() async throws -> String
}

/// How a rule is.
package struct RuleStatus: Sendable, Equatable {
    package let name: String
    /// As the rule names them.
    package var tracers: [String] = []
    /// The file that it came from; nil: a client added it.
    package var file: String?
    /// `info`, …; empty: it has none.
    package var severity = ""
    package var tags: [String] = []
    /// bpfd's `filterEvents`: keys and the texts of which one must stand in the value.
    package var filters: [Filter] = []
    /// bpfd's `containerRuntimes`.
    package var runtimes: [String] = []
    package var actions: [String] = []
    /// How many events it matched, and how many of them its rate limit kept back.
    package var matched: UInt64 = 0
    package var suppressed: UInt64 = 0

    package struct Filter: Sendable, Equatable {
        package let key: String
        package let values: [String]

        package init(_ key: String, _ values: [String]) {
            self.key = key
            self.values = values
        }
    }

    package init(_ name: String) { self.name = name }
}

/// What came of adding rules.
package struct RuleAddition: Sendable, Equatable {
    /// What is wrong, each with its place; then nothing has changed.
    package var problems: [String] = []
    /// What has no effect, or another one than it seems.
    package var warnings: [String] = []
    /// The names of the rules that hold now.
    package var added: [String] = []

    package init() {}
}

/// Why nothing was done about a rule.
package enum RuleControlFailure: Error, Equatable, CustomStringConvertible {
    case unknown(String)
    /// It could not be done now.
    case failed(String)

    package var description: String {
        switch self {
        case .unknown(let name): "there is no rule '\(name)'"
        case .failed(let reason): reason
        }
    }
}
