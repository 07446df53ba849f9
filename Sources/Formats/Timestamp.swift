/// Writes times as RFC 3339 in UTC with nanoseconds. Remembers the last second, so that most calls format nine digits.
package struct Timestamp {
    private var second: UInt64 = .max
    /// `2026-11-21T06:25:16.`
    private var prefix = InlineArray<20, UInt8>(repeating: 0)

    package init() {}

    /// Writes `2026-11-21T06:25:16.000000001Z` for ns since 1970.
    package mutating func write(_ time: UInt64, to buffer: inout TextBuffer) {
        let (seconds, nanoseconds) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        if seconds != second { format(seconds) }
        withUnsafeBytes(of: prefix) { buffer.append($0) }
        buffer.append(nanoseconds, digits: 9)
        buffer.append(UInt8(ascii: "Z"))
    }

    private mutating func format(_ seconds: UInt64) {
        second = seconds
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86400)
        let date = Self.date(days)
        var position = 0
        func put(
            _ number: UInt64,
            _ digits: Int,
            _ end: Character,
            _ prefix: inout InlineArray<20, UInt8>,
            _ position: inout Int
        ) {
            var divisor: UInt64 = digits == 4 ? 1000 : 10
            for _ in 0..<digits {
                prefix[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10)
                position += 1
                divisor = max(1, divisor / 10)
            }
            prefix[position] = end.asciiValue ?? 0
            position += 1
        }
        put(date.year, 4, "-", &prefix, &position)
        put(date.month, 2, "-", &prefix, &position)
        put(date.day, 2, "T", &prefix, &position)
        put(rest / 3600, 2, ":", &prefix, &position)
        put(rest / 60 % 60, 2, ":", &prefix, &position)
        put(rest % 60, 2, ".", &prefix, &position)
    }

    /// The Gregorian date of a day since 1970, by eras of 400 years that begin in March.
    private static func date(_ days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }
}
