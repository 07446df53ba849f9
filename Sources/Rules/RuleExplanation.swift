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
        default: break
        }
        let keys = KernelKeys(rules)
        let own = rules.rules.filter { $0.kinds.contains(kind) }
        var ways: [String] = []
        if observed.contains(kind), own.allSatisfy({ $0.condition.projected(onto: \.isOfProcess) != nil }) {
            ways += names(own.flatMap { $0.condition.projected(onto: \.isOfProcess)?.subjects ?? [] })
        }
        if let paths = keys.paths[kind] { ways.append("how the path begins (\(count(paths)))") }
        if let ends = keys.networks[kind] { ways.append("ports and networks (\(count(ends)))") }
        if !ways.isEmpty { return "only what a rule could want, by \(ways.joined(separator: ", "))" }
        return "all are produced, since \(obstacle(kind, own, observed))"
    }

    private static func count(_ keys: Set<KernelKeys.Key>) -> String {
        keys.count == 1 ? "1 key" : "\(keys.count) keys"
    }

    /// Why the kernel keeps nothing back.
    private static func obstacle(_ kind: EventKind, _ own: [Rule], _ observed: KindSet) -> String {
        var reasons: [String] = []
        if observed.contains(kind), let rule = own.first(where: { $0.condition.projected(onto: \.isOfProcess) == nil })
        {
            reasons.append("'\(rule.name)' asks nothing of the process")
        }
        let isOpen = kind == .open
        if isOpen || kind == .tcp || kind == .tcpDrop {
            let rule = own.first { rule in
                let keys = KernelKeys(RuleSet([rule]))
                return (isOpen ? keys.paths : keys.networks)[kind] == nil
            }
            let asked = isOpen ? "how the path begins" : "ports or networks"
            if let rule { reasons.append("'\(rule.name)' \(reasons.isEmpty ? "asks " : "")nothing of \(asked)") }
        }
        return reasons.isEmpty ? "nothing is looked at there" : reasons.joined(separator: ", and ")
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
