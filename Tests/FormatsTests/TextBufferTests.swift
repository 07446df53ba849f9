import Formats
import Testing

/// The buffer that all text is made in.
@Suite struct TextBufferTests {
    private func text(_ body: (inout TextBuffer) -> Void) -> String {
        var buffer = TextBuffer(capacity: 1)
        body(&buffer)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    @Test func numbersAroundEachPowerOfTenAreRight() {
        var power: UInt64 = 1
        while true {
            for number in [power - 1, power, power + 1] { #expect(text { $0.append(number) } == "\(number)") }
            let (next, overflow) = power.multipliedReportingOverflow(by: 10)
            if overflow { break }
            power = next
        }
        #expect(text { $0.append(UInt64.max) } == "18446744073709551615")
    }

    @Test func negativeNumbersAreRight() {
        for number in [Int64.min, -1_000_000, -10, -1, 0, 1, Int64.max] {
            #expect(text { $0.append(number) } == "\(number)")
        }
    }

    @Test func leadingZerosFillUp() {
        #expect(text { $0.append(7, digits: 1) } == "7")
        #expect(text { $0.append(7, digits: 2) } == "07")
        #expect(text { $0.append(123, digits: 9) } == "000000123")
        #expect(text { $0.append(0, digits: 3) } == "000")
    }

    @Test func otherBasesHaveNoLeadingZeros() {
        for number: UInt64 in [0, 1, 7, 8, 15, 16, 255, 256, .max] {
            #expect(text { $0.append(number, base: 16) } == String(number, radix: 16))
            #expect(text { $0.append(number, base: 8) } == String(number, radix: 8))
        }
    }

    @Test func aBufferGrowsAsFarAsItMust() {
        let long = String(repeating: "lorem ", count: 10000)
        #expect(text { $0.append(long) } == long)
        #expect(text { buffer in for byte in long.utf8 { buffer.append(byte) } } == long)
    }

    @Test func whatIsTakenBackIsWrittenOver() {
        let result = text { buffer in
            buffer.append("one two")
            buffer.truncate(to: 4)
            buffer.append("three" as String)
            buffer.truncate(to: 100)
        }
        #expect(result == "one three")
    }

    @Test func anEmptiedBufferBeginsAnew() {
        let result = text { buffer in
            buffer.append("one")
            buffer.clear()
            buffer.append([UInt8]("two".utf8))
        }
        #expect(result == "two")
    }
}
