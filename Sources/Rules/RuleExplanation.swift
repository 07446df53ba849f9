import Model

/// Says of rules how they are found: by what, or one after the other.
package enum RuleExplanation {
    /// A line for each rule.
    package static func text(of rules: RuleSet) -> String {
        rules.rules.map { rule in
            let way = Access(rule.condition).map { "found by \(words($0))" } ?? "held against each event"
            return "\(rule.name) (\(rule.tracers.map(\.name).joined(separator: ", "))): \(way)\n"
        }.joined()
    }

    private static func words(_ access: Access) -> String {
        var names: [String] = []
        for (subject, _) in access.keys where !names.contains(subject.name) { names.append(subject.name) }
        return names.joined(separator: " or ")
    }
}
