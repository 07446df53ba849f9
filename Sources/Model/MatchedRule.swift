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
    /// Empty when only their text is known.
    package let rules: [MatchedRule]
    /// Their text in JSON, when it was written already: of an event that waited on disk.
    package let written: Bytes?

    package init(_ rules: [MatchedRule]) {
        self.rules = rules
        written = nil
    }

    package init(written: Bytes) {
        rules = []
        self.written = written
    }

    /// Whether their text is the same for all events.
    package var hasFields: Bool {
        rules.contains { rule in
            rule.message.contains { piece in
                if case .field = piece { true } else { false }
            }
        }
    }
}
