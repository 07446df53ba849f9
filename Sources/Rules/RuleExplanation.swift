import Model

/// Says how rules are found, and what of their events the kernel keeps back.
package enum RuleExplanation {
    /// A line for each rule, and one for each kind of event that rules look at.
    ///
    /// - Parameter observed: kinds of which the kernel can keep back what a process does.
    package static func text(of rules: RuleSet, observed: KindSet) -> String {
        let found = rules.rules.map { rule in
            let way = Access(rule.condition).map { "found by \(words($0))" } ?? "held against each event"
            return "\(rule.name) (\(rule.tracers.map(\.name).joined(separator: ", "))): \(way)\n"
        }
        let kinds = EventKind.allCases.filter(rules.kinds.contains)
        return (found + kinds.map { "\($0.name) in the kernel: \(pushDown($0, rules, observed))\n" }).joined()
    }

    private static func words(_ access: Access) -> String {
        names(access.keys.map(\.subject)).joined(separator: " or ")
    }

    /// Each once, in their order.
    private static func names(_ subjects: [Subject]) -> [String] {
        subjects.map(\.name).reduce(into: []) { names, name in
            if !names.contains(name) { names.append(name) }
        }
    }

    private static func pushDown(_ kind: EventKind, _ rules: RuleSet, _ observed: KindSet) -> String {
        switch kind {
        case .fork, .exec, .exit: return "all are produced, since the process table is made of them"
        case _ where kind.isCall: return "all are produced that policies ask for, which have filters of their own"
        case _ where rules.passesUnmatched(kind): return "all are produced, since the default is to pass"
        case _ where !observed.contains(kind): return "all are produced: nothing is looked at there yet"
        default: break
        }
        let own = rules.rules.filter { $0.kinds.contains(kind) }
        if let rule = own.first(where: { $0.condition.ofProcess == nil }) {
            return "all are produced, since '\(rule.name)' asks nothing of the process"
        }
        let subjects = own.flatMap { $0.condition.ofProcess?.subjects ?? [] }
        return "only those of processes that a rule could want, by \(names(subjects).joined(separator: ", "))"
    }
}

extension Condition {
    /// What it looks at.
    var subjects: [Subject] {
        switch self {
        case .all(let conditions), .any(let conditions): conditions.flatMap(\.subjects)
        case .not(let condition): condition.subjects
        case .test(let subject, _): [subject]
        }
    }
}
