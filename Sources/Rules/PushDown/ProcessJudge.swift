import Model

/// Tells of an execution, before it does anything, of which kinds no rule will want an event from it.
///
/// Of each rule it keeps what the rule asks of the process alone; where one of a kind asks nothing of it, every process may
/// have events of that kind that are wanted.
package final class ProcessJudge {
    /// Kinds of which something can be told.
    package let kinds: KindSet
    private let matchers: [(kind: EventKind, matcher: KindMatcher)]
    private var state = MatchState()

    /// - Parameter among: kinds that are of any use.
    package init(_ rules: RuleSet, among kinds: KindSet) {
        var matchers: [(kind: EventKind, matcher: KindMatcher)] = []
        for kind in EventKind.allCases where kinds.contains(kind) && !rules.passesUnmatched(kind) {
            var projected: [(number: Int32, condition: Condition)] = []
            for rule in rules.rules where rule.kinds.contains(kind) {
                guard let condition = rule.condition.ofProcess else { break }
                projected.append((Int32(projected.count), condition))
            }
            guard projected.count == rules.rules.count(where: { $0.kinds.contains(kind) }) else { continue }
            matchers.append((kind, KindMatcher(projected, kind: kind)))
        }
        self.matchers = matchers
        self.kinds = KindSet(matchers.map(\.kind))
    }

    /// The kinds of events of an execution that no rule wants.
    ///
    /// - Parameter record: any; nothing is read from it.
    package func unwanted(_ process: Execution, parent: Execution?, _ record: Record) -> KindSet {
        var unwanted: KindSet = []
        for (kind, matcher) in matchers {
            let event = Event(offset: 0, kind: kind, time: 0, process: process, parent: parent)
            matcher.match(event, record, &state)
            if state.matched.isEmpty { unwanted.insert(kind) }
        }
        return unwanted
    }
}

extension Condition {
    /// What it asks of the process alone: true of every event that it is true of. Nil: nothing.
    var ofProcess: Condition? {
        switch self {
        case .all(let conditions):
            let parts = conditions.compactMap(\.ofProcess)
            return parts.isEmpty ? nil : parts.count == 1 ? parts[0] : .all(parts)
        case .any(let conditions):
            let parts = conditions.compactMap(\.ofProcess)
            return parts.count == conditions.count && !parts.isEmpty ? .any(parts) : nil
        case .not(let condition): return condition.isOfProcess ? self : nil
        case .test(let subject, _): return subject.isOfProcess ? self : nil
        }
    }

    /// Whether it asks nothing of the event itself.
    private var isOfProcess: Bool {
        switch self {
        case .all(let conditions), .any(let conditions): conditions.allSatisfy(\.isOfProcess)
        case .not(let condition): condition.isOfProcess
        case .test(let subject, _): subject.isOfProcess
        }
    }
}

extension Subject {
    /// Whether it is the same for all events of an execution.
    var isOfProcess: Bool {
        switch self {
        case .ancestor, .container, .pod, .unit, .runtime: true
        // `tid` and `euid` are those of the moment.
        case .field(let name): EventField.isOfExecution(name)
        case .bpfd: false
        }
    }
}
