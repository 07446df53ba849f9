import CWire
import FilterReference
import Filters
import Model
import Probes
import Testing

/// Random rows of random policies: the maps and their lookups say what the conditions mean.
@Suite struct DifferenceTests {
    private static let readings = [Requests.number(0), Requests.text(1), Requests.number(2)]
    private static let sources: [(Condition.Source, UInt16)] = [
        (.value(0, .whole), 0), (.value(1, .whole), 8), (.value(2, .whole), 16),
        (.binary, UInt16(MT_SOURCE_BINARY.rawValue)), (.ancestry, UInt16(MT_SOURCE_ANCESTRY.rawValue)),
        (.lineage, UInt16(MT_SOURCE_LINEAGE.rawValue)),
    ]

    /// Of few numbers and texts, so that they meet.
    private func number(_ random: inout SeededRandom) -> UInt64 {
        UInt64(bitPattern: Int64.random(in: -6...6, using: &random))
    }

    private func text(_ random: inout SeededRandom) -> [UInt8] {
        (0..<Int.random(in: 0...5, using: &random)).map { _ in [97, 98].randomElement(using: &random) ?? 97 }
    }

    private func condition(_ random: inout SeededRandom) -> Condition {
        let (source, wire) = Self.sources.randomElement(using: &random) ?? Self.sources[0]
        let isText = wire == 8 || source == .binary || source == .lineage
        let count = Int.random(in: 1...3, using: &random)
        let test: Condition.Test
        if isText {
            let texts = Set((0..<count).map { _ in text(&random) })
            switch Int.random(in: 0..<3, using: &random) {
            case 0: test = .texts(texts)
            case 1: test = .prefixes(texts)
            default: test = .postfixes(texts)
            }
        } else {
            switch Int.random(in: 0..<(source == .ancestry ? 1 : 4), using: &random) {
            case 0: test = .numbers(Set((0..<count).map { _ in number(&random) }))
            case 1: test = .bits(random.next() & random.next() & 0xff | 1 << 63)
            case 2:
                let numbers = [UInt64.random(in: 0...6, using: &random), UInt64.random(in: 0...6, using: &random)]
                test = .ranges([(numbers.min() ?? 0)...(numbers.max() ?? 0)], isSigned: true)
            default:
                let start = number(&random)
                test = .ranges([start...UInt64.max], isSigned: false)
            }
        }
        return Condition(source, test, isNegated: Int.random(in: 0..<3, using: &random) == 0)
    }

    @Test(arguments: 0..<40) func `Random policies decide as the reference does`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let policies = (0..<Int.random(in: 1...30, using: &random)).map { number in
            let rows = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                Requests.row((0..<Int.random(in: 0...4, using: &random)).map { _ in condition(&random) })
            }
            return Requests.policy("p\(number)", Self.readings, rows)
        }
        let engine = ImageEngine(try Requests.design(policies))
        for _ in 0..<100 {
            var seen: [Condition.Source: SeenValue] = [:]
            for (source, wire) in Self.sources where Int.random(in: 0..<8, using: &random) > 0 {
                switch source {
                case .ancestry: seen[source] = .numbers((0..<3).map { _ in number(&random) })
                case .lineage: seen[source] = .texts((0..<3).map { _ in text(&random) })
                case .binary: seen[source] = .text(text(&random))
                default: seen[source] = wire == 8 ? .text(text(&random)) : .number(number(&random))
                }
            }
            let byWire = Dictionary(
                uniqueKeysWithValues: Self.sources.compactMap { source, wire in seen[source].map { (wire, $0) } }
            )
            let alive = Set(engine.rows(byWire))
            var first = 0
            for policy in policies {
                let decided = policy.rows.indices.first { alive.contains(first + $0) }
                #expect(
                    decided == FilterReference.deciding(policy.rows, seen),
                    "seed \(seed), \(policy.policy): \(seen)"
                )
                first += policy.rows.count
            }
        }
    }
}
