import Model

/// Rules that hold together, and what becomes of events that match none.
package struct RuleSet: Sendable {
    /// What becomes of the events of a tracer that match no rule.
    package enum Default: String, CaseIterable, Sendable {
        case pass, drop
    }

    package var rules: [Rule]
    /// For tracers of which something was said.
    package var defaults: [EventKind: Default]

    /// None, and everything passes.
    package init(_ rules: [Rule] = [], defaults: [EventKind: Default] = [:]) {
        self.rules = rules
        self.defaults = defaults
    }

    /// What they look at.
    package var kinds: KindSet {
        rules.reduce(into: []) { $0.formUnion($1.kinds) }
    }

    /// With others, which take the place of those of the same name.
    package func replacing(with others: RuleSet) -> RuleSet {
        let names = Set(others.rules.map(\.name))
        return RuleSet(
            rules.filter { !names.contains($0.name) } + others.rules,
            defaults: defaults.merging(others.defaults) { _, new in new }
        )
    }

    package var isEmpty: Bool { rules.isEmpty && defaults.isEmpty }

    /// Whether an event of this kind that matches no rule is wanted: unless something else was said, when there is no rule for its kind.
    package func passesUnmatched(_ kind: EventKind) -> Bool {
        if let said = defaults[kind] { return said == .pass }
        return !rules.contains { $0.kinds.contains(kind) }
    }
}
