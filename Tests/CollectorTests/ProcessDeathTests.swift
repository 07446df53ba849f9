import Fixtures
import Model
import Testing

/// The dead are remembered for as long as something of theirs may be under way.
@Suite struct ProcessDeathTests {
    private static let second: UInt64 = 1_000_000_000
    private let shell = Who(40, start: 4000)
    private let other = Who(90, start: 9000)

    private var life: [[UInt8]] {
        [
            Records.exec(shell, of: Who(1, start: 0), at: 4100, binary: "/bin/bash"),
            Records.exit(shell, at: Self.second),
        ]
    }

    private func process(at time: UInt64, after more: [[UInt8]] = []) throws -> JSON {
        try #require(try Pipeline().json(life + more + [Records.open(shell, at: time)]).last).process_file.process
    }

    @Test func withinTheGraceADeadProcessIsKnown() throws {
        #expect(try process(at: Self.second).binary.text == "/bin/bash")
        #expect(try process(at: 3 * Self.second).binary.text == "/bin/bash")
    }

    @Test func afterTheGraceItIsForgotten() throws {
        #expect(try process(at: 3 * Self.second + 1).flags.text == "miss")
    }

    @Test func theTimesOfOtherProcessesRecordsBuryItToo() throws {
        let pipeline = Pipeline()
        _ = pipeline.batch(life)
        #expect(pipeline.processCount == 1)
        _ = pipeline.batch([Records.exec(other, of: Who(1, start: 0), at: 10 * Self.second)])
        #expect(pipeline.processCount == 1)
        _ = pipeline.batch([
            Records.exit(other, at: 11 * Self.second), Records.heartbeat(lane: 0, number: 1, at: 20 * Self.second),
        ])
        #expect(pipeline.processCount == 0)
    }

    @Test func manyDeathsLeaveNothingBehind() {
        let pipeline = Pipeline()
        for number in UInt32(0)..<20000 {
            let time = UInt64(number) * Self.second
            let who = Who(1000 + number % 300, start: time)
            _ = pipeline.batch([Records.fork(who, of: shell, at: time), Records.exit(who, at: time + 1)])
            #expect(pipeline.processCount <= 4)
        }
    }

    @Test func anExitThatComesTwiceDoesNoHarm() throws {
        #expect(
            try process(at: 2 * Self.second, after: [Records.exit(shell, at: Self.second + 5)]).binary.text
                == "/bin/bash"
        )
        #expect(
            try process(at: 9 * Self.second, after: [Records.exit(shell, at: Self.second + 5)]).flags.text == "miss"
        )
    }
}
