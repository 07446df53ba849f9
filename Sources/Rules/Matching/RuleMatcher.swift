import Model

/// Holds events against rules: made of a set of them, used by one thread.
package final class RuleMatcher {
    package let rules: RuleSet
    /// By the kind's number.
    private let kinds: [KindMatcher?]
    /// What becomes of events that match nothing: by the kind's number, whether they are wanted.
    private let defaults: [Bool]
    private var state = MatchState()
    /// By the kind's number.
    private var known: [ExecutionCandidates]
    private var limiters: [RateLimiter?]
    /// What is noted on events that match one rule, and what on those that match several.
    private let single: [MatchedRules]
    private var several: [[Int32]: MatchedRules] = [:]
    /// How many events each rule matched, and how many of them its rate limit kept back.
    package private(set) var matched: [UInt64]
    package private(set) var suppressed: [UInt64]
    /// Events that no rule wanted, by kind.
    package private(set) var unwanted = KindCounts()

    /// What became of each rule's events, in their order.
    package var counts: [(matched: UInt64, suppressed: UInt64)] {
        zip(matched, suppressed).map { (matched: $0, suppressed: $1) }
    }
    /// How many pairs and groups of rules are kept.
    private static let mostGroups = 4096

    package init(_ rules: RuleSet) {
        self.rules = rules
        let last = EventKind.allCases.map(\.rawValue).max() ?? 0
        let numbered = rules.rules.enumerated().map { (number: Int32($0.offset), rule: $0.element) }
        kinds = (0...last).map { number in
            guard let kind = EventKind(rawValue: number) else { return nil }
            let own = numbered.filter { $0.rule.kinds.contains(kind) }.map {
                (number: $0.number, condition: $0.rule.condition)
            }
            return own.isEmpty ? nil : KindMatcher(own, kind: kind)
        }
        defaults = (0...last).map { number in
            EventKind(rawValue: number).map { rules.passesUnmatched($0) } ?? true
        }
        known = Array(repeating: ExecutionCandidates(), count: Int(last) + 1)
        limiters = rules.rules.map { rule in
            rule.rateLimit.map { RateLimiter($0, kinds: rule.tracers.flatMap(\.kinds)) }
        }
        single = rules.rules.map { MatchedRules([$0.matched]) }
        matched = Array(repeating: 0, count: rules.rules.count)
        suppressed = matched
    }

    /// Notes the rules that events match, and takes those out of the batch that no rule wants.
    package func process(_ batch: EventBatch) {
        guard !rules.isEmpty else { return }
        var unwanted = unwanted
        batch.judge { event, record in
            let verdict = judge(event, record)
            if verdict == nil { unwanted[event.kind] += 1 }
            return verdict
        }
        self.unwanted = unwanted
    }

    /// What an event matches; nil: it is not wanted.
    package func judge(_ event: borrowing Event, _ record: Record) -> MatchedRules?? {
        let number = Int(event.kind.rawValue)
        guard let matcher = kinds[number] else { return defaults[number] ? .some(nil) : nil }
        matcher.match(event, record, &state, &known[number])
        var last: Int32 = -1
        var count = 0
        for index in state.matched.indices {
            let rule = state.matched[index]
            matched[Int(rule)] += 1
            if limiters[Int(rule)] != nil, limiters[Int(rule)]?.allows(event, record, &state.scratch) == false {
                suppressed[Int(rule)] += 1
                continue
            }
            state.matched[count] = rule
            count += 1
            last = rule
        }
        if count == 1 { return single[Int(last)] }
        if count > 1 { return group(count) }
        return defaults[number] ? .some(nil) : nil
    }

    private func group(_ count: Int) -> MatchedRules {
        let numbers = Array(state.matched.prefix(count))
        if let known = several[numbers] { return known }
        if several.count >= Self.mostGroups { several.removeAll() }
        let group = MatchedRules(numbers.map { rules.rules[Int($0)].matched })
        several[numbers] = group
        return group
    }

    /// Goes on with the counts and limits of another one, of rules that both have.
    package func takeCounts(of other: RuleMatcher) {
        unwanted = other.unwanted
        let known = Dictionary(other.rules.rules.enumerated().map { ($1.name, $0) }) { first, _ in first }
        for (index, rule) in rules.rules.enumerated() {
            guard let from = known[rule.name] else { continue }
            matched[index] = other.matched[from]
            suppressed[index] = other.suppressed[from]
            let before = other.rules.rules[from]
            if rule.rateLimit == before.rateLimit, rule.kinds == before.kinds { limiters[index] = other.limiters[from] }
        }
    }
}
