import Formats
import Foundation
import Testing

@Suite struct TimestampTests {
    private func text(_ time: UInt64) -> String {
        var timestamp = Timestamp()
        return text(time, &timestamp)
    }

    private func text(_ time: UInt64, _ timestamp: inout Timestamp) -> String {
        var buffer = TextBuffer(capacity: 8)
        timestamp.write(time, to: &buffer)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    /// Foundation's text of the same second.
    private func reference(_ seconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601).dropLast() + ".000000000Z"
    }

    @Test func theEpochIsTheFirstTime() {
        #expect(text(0) == "1970-01-01T00:00:00.000000000Z")
        #expect(text(1) == "1970-01-01T00:00:00.000000001Z")
    }

    @Test func nanosecondsAreNineDigits() {
        #expect(text(1_764_000_000_000_000_042).hasSuffix(".000000042Z"))
        #expect(text(1_764_000_000_999_999_999).hasSuffix(".999999999Z"))
    }

    @Test(arguments: [
        "1972-02-29T23:59:59Z", "1999-12-31T23:59:59Z", "2000-02-29T12:00:00Z", "2000-03-01T00:00:00Z",
        "2024-02-29T00:00:00Z",
        "2026-11-21T06:25:16Z", "2038-01-19T03:14:08Z", "2100-02-28T23:59:59Z", "2100-03-01T00:00:00Z",
        "2400-02-29T01:02:03Z",
    ])
    func leapDaysAndTurnsOfCenturiesAreRight(date: String) throws {
        let seconds = try Date(date, strategy: .iso8601).timeIntervalSince1970
        #expect(text(UInt64(seconds) * 1_000_000_000) == date.dropLast() + ".000000000Z")
    }

    @Test func everyDayFrom1970To2200IsFoundations() {
        for day in UInt64(0)..<84000 {
            let seconds = day * 86400 + day % 86400
            let (own, foundation) = (text(seconds * 1_000_000_000), reference(seconds))
            if own != foundation { #expect(own == foundation) }
        }
    }

    @Test func aWriterThatIsUsedAgainForgetsNothingAndKeepsNothing() {
        var timestamp = Timestamp()
        for time: UInt64 in [5, 5_000_000_000, 5_000_000_001, 4_999_999_999, 0, 86_400_000_000_000, 5] {
            #expect(text(time, &timestamp) == text(time))
        }
    }

    @Test func theLatestTimeThereIsHasAText() {
        #expect(text(.max) == "2554-07-21T23:34:33.709551615Z")
    }
}
