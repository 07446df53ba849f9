import Filters

/// What conditions and rows mean, value by value and without any table: what the filter engine must agree with.
package enum FilterReference {
    /// The first row that holds, which decides; nil when none does.
    package static func deciding(_ rows: [HookRequest.Row], _ seen: [Condition.Source: SeenValue]) -> Int? {
        rows.firstIndex { row in row.conditions.allSatisfy { holds($0, seen[$0.source]) } }
    }

    /// What could not be read fits nothing.
    package static func holds(_ condition: Condition, _ value: SeenValue?) -> Bool {
        (value.map { fits(condition.test, $0) } ?? false) != condition.isNegated
    }

    private static func fits(_ test: Condition.Test, _ value: SeenValue) -> Bool {
        switch (test, value) {
        case (_, .numbers(let list)): list.contains { fits(test, .number($0)) }
        case (_, .texts(let list)): list.contains { fits(test, .text($0)) }
        case (.numbers(let set), .number(let number)): set.contains(number)
        case (.bits(let bits), .number(let number)): number & bits != 0
        case (.ranges(let ranges, true), .number(let number)):
            ranges.contains {
                Int64(bitPattern: $0.lowerBound) <= Int64(bitPattern: number)
                    && Int64(bitPattern: number) <= Int64(bitPattern: $0.upperBound)
            }
        case (.ranges(let ranges, false), .number(let number)): ranges.contains { $0.contains(number) }
        case (.texts(let texts), .text(let text)): texts.contains(text)
        case (.prefixes(let beginnings), .text(let text)): beginnings.contains { text.starts(with: $0) }
        case (.postfixes(let ends), .text(let text)): ends.contains { text.reversed().starts(with: $0.reversed()) }
        case (.substrings(let patterns, let ignoresCase), .text(let text)):
            patterns.contains { contains(ignoresCase ? text.map(lowered) : text, $0) }
        case (.addresses(let prefixes), .address(let address)):
            prefixes.contains {
                $0.bytes.count == address.count && bits(address, $0.length) == bits($0.bytes, $0.length)
            }
        default: false
        }
    }

    private static func contains(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        text.indices.contains { text[$0...].starts(with: pattern) } || pattern.isEmpty
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { 65...90 ~= byte ? byte + 32 : byte }

    private static func bits(_ bytes: [UInt8], _ count: Int) -> [Bool] {
        (0..<count).map { bytes[$0 / 8] >> UInt8(7 - $0 % 8) & 1 == 1 }
    }
}
