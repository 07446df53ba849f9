import Collector
import Fixtures
import Foundation
import Model
import Testing

/// Boot time in, wall time out; and what comes too late says so.
@Suite struct ClockTests {
    private let shell = Who(40, start: 4000)

    private func times(_ records: [UInt8]...) throws -> [String?] { try Pipeline().json(records).map(\.time.text) }

    @Test func aClockRecordTellsTheWallTimeOfWhatFollows() throws {
        let times = try times(
            Records.clock(wall: 1_000_000_000, at: 0),
            Records.exit(shell, at: 1),
            Records.exit(shell, at: 2),
            Records.clock(wall: 5_000_000_000, at: 3),
            Records.exit(shell, at: 4)
        )
        #expect(
            times == [
                "1970-01-01T00:00:01.000000001Z", "1970-01-01T00:00:01.000000002Z", "1970-01-01T00:00:05.000000004Z",
            ]
        )
    }

    @Test func aClockBeforeTheBootTimeGoesBackwards() throws {
        let back = UInt64(bitPattern: -500)
        #expect(
            try times(Records.clock(wall: back, at: 0), Records.exit(shell, at: 1500)) == [
                "1970-01-01T00:00:00.000001000Z"
            ]
        )
    }

    @Test func aClockRecordIsNoEvent() {
        let pipeline = Pipeline()
        let batch = pipeline.batch([Records.clock(wall: 1, at: 0)])
        #expect(batch.events.isEmpty)
        #expect(!batch.records.isEmpty)
        #expect(pipeline.built.total == 0)
    }

    @Test func aLateRecordIsCountedAndMarkedInAllFormats() throws {
        let pipeline = Pipeline()
        let batch = pipeline.batch([Records.exit(shell, at: 1)], late: true)
        #expect(pipeline.late == 1)
        let line = try JSON(parsing: Pipeline.lines(pipeline.text(batch, .json))[0])
        #expect(line.process_exit.late.boolean == true)
        #expect(Pipeline.lines(pipeline.text(batch, .compact))[0].hasSuffix(" late"))
    }

    @Test func aRecordInTimeHasNoMark() throws {
        let pipeline = Pipeline()
        #expect(try #require(try pipeline.json([Records.exit(shell, at: 1)]).last).process_exit.late.isAbsent)
        #expect(pipeline.late == 0)
    }

    @Test func whatIsBuiltIsCountedByKind() {
        let pipeline = Pipeline()
        _ = pipeline.batch(Records.ofEachKind() + [[0, 1]])
        for kind in EventKind.allCases {
            #expect(
                pipeline.built[kind] == (kind == .clock ? 0 : kind == .open || kind == .snapshot ? 2 : 1),
                "\(kind)"
            )
        }
        #expect(pipeline.refused == 1)
    }

    @Test func theWallClockIsTheSystems() {
        let offset = BootClock.wallOffset()
        let wall = Double(BootClock.now() &+ offset) / 1e9
        #expect(abs(wall - Date().timeIntervalSince1970) < 5)
    }
}
