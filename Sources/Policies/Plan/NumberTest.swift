import Filters

/// Numbers and ranges, as the kernel program compares them: as 64 bits.
enum NumberTest {
    /// Up to so many numbers of one range are looked up one by one, which one lookup does for all of them.
    private static let fewest = 64

    /// A set of numbers where that is enough, else ranges.
    static func of(_ ranges: [ClosedRange<Int128>], isSigned: Bool) -> Condition.Test {
        guard ranges.allSatisfy({ $0.upperBound - $0.lowerBound < fewest }) else {
            return self.ranges(ranges, isSigned: isSigned)
        }
        return .numbers(Set(ranges.flatMap { $0.map { UInt64(truncatingIfNeeded: $0) } }))
    }

    /// Ranges, in order and without overlaps; one that goes from below zero on is cut there, since as 64 bits it would
    /// begin above its end.
    static func ranges(_ ranges: [ClosedRange<Int128>], isSigned: Bool) -> Condition.Test {
        var merged: [ClosedRange<Int128>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        let cut = merged.flatMap { range in
            range.lowerBound < 0 && range.upperBound >= 0
                ? [range.lowerBound...(-1), 0...range.upperBound] : [range]
        }
        return .ranges(
            cut.map { UInt64(truncatingIfNeeded: $0.lowerBound)...UInt64(truncatingIfNeeded: $0.upperBound) },
            isSigned: isSigned
        )
    }

    /// Of ports, protocols, families and states.
    static func codes(_ values: [FilterValue]) -> Condition.Test {
        let ranges: [ClosedRange<Int128>] = values.compactMap { value in
            switch value {
            case .ports(let range), .codes(let range): Int128(range.lowerBound)...Int128(range.upperBound)
            default: nil
            }
        }
        return of(ranges, isSigned: false)
    }
}
