import Model

/// Tells of an execution, before it does anything, of which kinds no rule will want an event from it.
///
/// Of each rule it keeps what the rule asks of the process alone; where one of a kind asks nothing of it, every process may
/// have events of that kind that are wanted.
package final class ProcessJudge {
    /// Kinds of events that nobody wants.
    package struct Verdict: Equatable {
        /// From the execution.
        package var unwanted: KindSet = []
        /// From the copies of it that fork makes, whatever else is known of them.
        package var inherited: KindSet = []

        package init(unwanted: KindSet = [], inherited: KindSet = []) {
            self.unwanted = unwanted
            self.inherited = inherited
        }
    }

    /// Kinds of which something can be told.
    package let kinds: KindSet
    private let own: Matchers
    /// By what a fork's child has in common with its parent.
    private let shared: Matchers
    private var state = MatchState()

    /// - Parameter among: kinds that are of any use.
    package init(_ rules: RuleSet, among kinds: KindSet) {
        own = Matchers(rules, among: kinds, by: \.isOfProcess)
        shared = Matchers(rules, among: kinds, by: \.isInherited)
        self.kinds = KindSet(own.list.map(\.kind))
    }

    /// What no rule wants of an execution.
    ///
    /// - Parameter record: any; nothing is read from it.
    package func verdict(_ process: Execution, parent: Execution?, _ record: Record) -> Verdict {
        Verdict(
            unwanted: own.unwanted(process, parent, record, &state),
            inherited: shared.unwanted(process, parent, record, &state)
        )
    }
}

/// What rules ask of processes, for each kind of which all of them ask something.
private struct Matchers {
    let list: [(kind: EventKind, matcher: KindMatcher)]

    /// - Parameter subjects: what is looked at.
    init(_ rules: RuleSet, among kinds: KindSet, by subjects: (Subject) -> Bool) {
        var list: [(kind: EventKind, matcher: KindMatcher)] = []
        for kind in EventKind.allCases where kinds.contains(kind) && !rules.passesUnmatched(kind) {
            let own = rules.rules.filter { $0.kinds.contains(kind) }
            let projected = own.compactMap { $0.condition.projected(onto: subjects) }
            guard projected.count == own.count else { continue }
            let numbered = projected.enumerated().map { (number: Int32($0.offset), condition: $0.element) }
            list.append((kind, KindMatcher(numbered, kind: kind)))
        }
        self.list = list
    }

    func unwanted(_ process: Execution, _ parent: Execution?, _ record: Record, _ state: inout MatchState) -> KindSet {
        var unwanted: KindSet = []
        for (kind, matcher) in list {
            let event = Event(offset: 0, kind: kind, time: 0, process: process, parent: parent)
            matcher.match(event, record, &state)
            if state.matched.isEmpty { unwanted.insert(kind) }
        }
        return unwanted
    }
}

extension Condition {
    /// What it asks of some subjects alone: true of every event that it is true of. Nil: nothing.
    func projected(onto subjects: (Subject) -> Bool) -> Condition? {
        switch self {
        case .all(let conditions):
            let parts = conditions.compactMap { $0.projected(onto: subjects) }
            return parts.isEmpty ? nil : parts.count == 1 ? parts[0] : .all(parts)
        case .any(let conditions):
            let parts = conditions.compactMap { $0.projected(onto: subjects) }
            return parts.count == conditions.count && !parts.isEmpty ? .any(parts) : nil
        case .not(let condition): return condition.asks(only: subjects) ? self : nil
        case .test(let subject, _): return subjects(subject) ? self : nil
        }
    }

    /// Whether it asks nothing of any other subject.
    private func asks(only subjects: (Subject) -> Bool) -> Bool {
        switch self {
        case .all(let conditions), .any(let conditions): conditions.allSatisfy { $0.asks(only: subjects) }
        case .not(let condition): condition.asks(only: subjects)
        case .test(let subject, _): subjects(subject)
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

    /// Whether it is the same for an execution and for the copies of it that fork makes.
    var isInherited: Bool {
        if case .field(let name) = self { return EventField.isInherited(name) }
        return false
    }
}
