/// What the events that match a rule tell of it.
package final class MatchedRule: Sendable {
    /// How bad it is, from the least to the worst.
    package enum Severity: String, CaseIterable, Sendable {
        case info, low, medium, high, critical
    }

    /// A piece of a message.
    package enum Piece: Sendable {
        case text(String)
        case field(EventField)
    }

    package let name: String
    package let severity: Severity?
    package let tags: [String]
    /// Empty: it has none. Fields that an event does not have are left out.
    package let message: [Piece]

    package init(name: String, severity: Severity? = nil, tags: [String] = [], message: [Piece] = []) {
        self.name = name
        self.severity = severity
        self.tags = tags
        self.message = message
    }
}

/// The rules that an event matched, in their order; shared by all events that matched the same ones.
package final class MatchedRules: Sendable {
    package let rules: [MatchedRule]

    package init(_ rules: [MatchedRule]) { self.rules = rules }
}
