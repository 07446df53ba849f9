/// Numbers as policies write them.
package enum PlainNumber {
    /// Digits and nothing else, however many zeros are in front.
    package static func decimal(_ text: some StringProtocol) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return UInt64(text)
    }

    /// With a sign if need be, and in base 16, 8 or 2 behind 0x, 0o (or 0 alone) and 0b.
    package static func number(_ text: some StringProtocol) -> Int128? {
        var digits = text[...]
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits = digits.dropFirst() }
        var radix = 10
        if digits.first == "0", digits.utf8.count > 1 {
            switch digits.dropFirst().first {
            case "x", "X": radix = 16
            case "b", "B": radix = 2
            default: radix = 8
            }
            let hasLetter = digits.dropFirst().first.map { $0.isLetter } ?? false
            if hasLetter, radix == 8, digits.dropFirst().first?.lowercased() != "o" { return nil }
            digits = digits.dropFirst(hasLetter ? 2 : 1)
        }
        // No second sign, which Swift would take.
        guard digits.first?.isHexDigit ?? false, let value = Int128(digits, radix: radix) else { return nil }
        return isNegative ? -value : value
    }

    /// `min:max` of numbers that `read` reads, or one number as both.
    package static func range<Number: Comparable>(
        _ text: String,
        _ read: (Substring) -> Number?
    ) -> (first: Number, last: Number)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let first = read(parts[0]), let last = read(parts[parts.count - 1]) else {
            return nil
        }
        return (first, last)
    }
}
