import UserInput

/// How a rule is found among many: things that one event of it has at least one of.
struct Access {
    /// One of them, which an index can tell.
    enum Key {
        case exact([UInt8])
        case prefix([UInt8])
        case suffix([UInt8])
        case part([UInt8])
        case range(ClosedRange<Int64>)
        case network(AddressPrefix)
    }

    /// In which field what is looked for.
    let keys: [(subject: Subject, key: Key)]
    /// How many events of a thousand are thought to have one of them.
    let share: Double

    /// Nil: there is nothing to find it by, and it is looked at for each event.
    init?(_ condition: Condition) {
        switch condition {
        case .all(let conditions):
            guard let best = conditions.compactMap(Access.init).min(by: { $0.share < $1.share }) else { return nil }
            self = best
        case .any(let conditions):
            let all = conditions.map(Access.init)
            guard !all.isEmpty, !all.contains(where: { $0 == nil }) else { return nil }
            keys = all.flatMap { $0?.keys ?? [] }
            share = all.reduce(0) { $0 + ($1?.share ?? 0) }
        case .not: return nil
        case .test(let subject, let test):
            guard subject.isIndexed, let found = Self.keys(test) else { return nil }
            keys = found.keys.map { (subject, $0) }
            share = found.share
        }
    }

    private static func keys(_ test: Test) -> (keys: [Key], share: Double)? {
        switch test {
        case .text(let text): keys(text)
        case .numbers(let ranges):
            (ranges.map(Key.range), ranges.reduce(0) { $0 + share($1) })
        case .networks(let networks):
            (networks.map(Key.network), networks.reduce(0) { $0 + 500 / Double(1 + $1.length) })
        case .boolean, .exists, .container, .pod, .unit, .runtimes: nil
        }
    }

    /// A short range of numbers is met by few events, half of all numbers by about half of them.
    private static func share(_ range: ClosedRange<Int64>) -> Double {
        let (width, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
        return overflow || width > 1 << 32 ? 500 : 1 + Double(width.bitWidth - width.leadingZeroBitCount) * 4
    }

    private static func keys(_ test: TextTest) -> (keys: [Key], share: Double)? {
        switch test {
        case .exact(let texts): (texts.map { .exact(Array($0.utf8)) }, Double(texts.count))
        case .prefix(let texts): lists(texts, Key.prefix, weight: 40)
        case .suffix(let texts): lists(texts, Key.suffix, weight: 40)
        case .contains(let texts): lists(texts.map(beginning), Key.part, weight: 60)
        case .glob(let globs): parts(globs.map(\.literal))
        case .regex(let expressions): parts(expressions.map(\.literal))
        }
    }

    /// Of what stands within a text its beginning is looked for: the automaton takes memory for each byte.
    private static let longestPart = 24

    private static func beginning(_ text: String) -> String {
        text.utf8.count <= longestPart ? text : String(text.prefix(longestPart / 4))
    }

    private static func lists(
        _ texts: [String],
        _ make: ([UInt8]) -> Key,
        weight: Double
    ) -> (keys: [Key], share: Double)? {
        guard texts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return (texts.map { make(Array($0.utf8)) }, texts.reduce(0) { $0 + weight / Double($1.utf8.count) })
    }

    /// What stands in all that a pattern matches; nil: of one of them nothing is known.
    private static func parts(_ literals: [[UInt8]]) -> (keys: [Key], share: Double)? {
        guard literals.allSatisfy({ !$0.isEmpty }) else { return nil }
        return (
            literals.map { Key.part(Array($0.prefix(longestPart))) }, literals.reduce(0) { $0 + 80 / Double($1.count) }
        )
    }
}

extension Subject {
    /// Whether its value is looked up in an index.
    var isIndexed: Bool {
        switch self {
        case .field, .bpfd: true
        case .ancestor, .container, .pod, .unit, .runtime: false
        }
    }
}
