import CWire
import FilterReference
import Filters
import Testing

/// Ranges of numbers become prefixes of their bits: exactly the numbers of the range fit.
@Suite struct RangeTests {
    private func engine(_ range: ClosedRange<UInt64>, isSigned: Bool) throws -> ImageEngine {
        let condition = Condition(.value(0, .whole), .ranges([range], isSigned: isSigned))
        return ImageEngine(
            try Requests.design([Requests.policy("p", [Requests.number(0)], [Requests.row(condition)])])
        )
    }

    /// Bounds, their neighbours, the ends of what there is, and anything.
    private func samples(_ low: UInt64, _ high: UInt64, _ random: inout SeededRandom) -> [UInt64] {
        [
            low, low &- 1, low &+ 1, high, high &- 1, high &+ 1, 0, .max, 1 << 63, (1 << 63) - 1,
            low &+ (high &- low) / 2,
        ]
            + (0..<8).map { _ in random.next() >> (random.next() & 63) }
    }

    @Test func `Random ranges without a sign`() throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<300 {
            let shift = random.next() & 63
            let (a, b) = (random.next() >> shift, random.next() >> shift)
            let range = min(a, b)...max(a, b)
            let engine = try engine(range, isSigned: false)
            for number in samples(range.lowerBound, range.upperBound, &random) {
                #expect(engine.rows([0: .number(number)]).isEmpty != range.contains(number), "\(number) in \(range)")
            }
        }
    }

    @Test func `Random ranges with a sign, each on one side of zero`() throws {
        var random = SeededRandom(seed: 2)
        for _ in 0..<300 {
            let shift = 1 + random.next() % 62
            let isNegative = random.next() & 1 == 1
            func number() -> Int64 { Int64(random.next() >> shift) * (isNegative ? -1 : 1) - (isNegative ? 1 : 0) }
            let (a, b) = (number(), number())
            let range = min(a, b)...max(a, b)
            let bits = UInt64(bitPattern: range.lowerBound)...UInt64(bitPattern: range.upperBound)
            let engine = try engine(bits, isSigned: true)
            for number in samples(bits.lowerBound, bits.upperBound, &random) {
                let isIn = range.contains(Int64(bitPattern: number))
                #expect(engine.rows([0: .number(number)]).isEmpty != isIn, "\(Int64(bitPattern: number)) in \(range)")
            }
        }
    }

    @Test(arguments: [false, true]) func `All numbers, and one alone`(_ isSigned: Bool) throws {
        let all: ClosedRange<UInt64> = isSigned ? 1 << 63...UInt64.max : 0...UInt64.max
        for number in [0, 1, 1 << 62, 1 << 63, UInt64.max] as [UInt64] {
            let isIn = !isSigned || number >> 63 == 1
            #expect(try engine(all, isSigned: isSigned).rows([0: .number(number)]).isEmpty != isIn)
            let one = try engine(number...number, isSigned: isSigned)
            #expect(!one.rows([0: .number(number)]).isEmpty)
            #expect(one.rows([0: .number(number ^ 1)]).isEmpty)
        }
    }

    @Test func `A range is at most 126 prefixes`() throws {
        let condition = Condition(.value(0, .whole), .ranges([1...UInt64.max - 1], isSigned: false))
        let design = try Requests.design([Requests.policy("p", [Requests.number(0)], [Requests.row(condition)])])
        #expect(design.image.tables[0].entries.count == 126)
    }
}
