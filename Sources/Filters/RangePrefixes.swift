/// A range of numbers as the prefixes of their bits that make it up: at most 126.
enum RangePrefixes {
    /// Numbers that begin with the same bits.
    struct Prefix: Equatable {
        /// The first of them.
        let value: UInt64
        /// How many bits they share.
        let bits: Int
    }

    /// The prefixes of all numbers from and to, as the kernel program orders them: negative ones first.
    static func of(_ range: ClosedRange<UInt64>, isSigned: Bool) -> [Prefix] {
        let flip: UInt64 = isSigned ? 1 << 63 : 0
        var first = range.lowerBound ^ flip
        let last = range.upperBound ^ flip
        guard first <= last else { return [] }
        var prefixes: [Prefix] = []
        while true {
            // The largest block that begins here and does not end behind the last one.
            var size = first == 0 ? 64 : first.trailingZeroBitCount
            while size > 0, (size == 64 ? .max : (1 << UInt64(size)) - 1) > last - first { size -= 1 }
            prefixes.append(Prefix(value: first, bits: 64 - size))
            guard size < 64 else { return prefixes }
            let (next, overflow) = first.addingReportingOverflow(1 << UInt64(size))
            if overflow || next > last { return prefixes }
            first = next
        }
    }
}
