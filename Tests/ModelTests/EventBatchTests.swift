import Fixtures
import Model
import Testing

@Suite struct EventBatchTests {
    private let who = Who(7, start: 70)

    @Test func recordsSurviveTheGrowthOfTheirBatch() {
        let batch = Pipeline().batch((0..<5000).map { Records.open(who, at: $0, name: "file-\($0)") })
        #expect(batch.records.count > 256 << 10)
        #expect(batch.events.count == 5000)
        for (index, event) in batch.events.enumerated() {
            let record = batch.record(event)
            #expect(record.string(record.open.pointee.name).map(Array.init) == Array("file-\(index)".utf8))
        }
    }

    @Test func aRecordLargerThanTheRoomFits() {
        let name = String(repeating: "x", count: 3 << 20)
        let batch = Pipeline().batch([Records.open(who, at: 1, name: name)])
        let record = batch.record(batch.events[0])
        #expect(record.string(record.open.pointee.name)?.count == 3 << 20)
    }

    @Test func eachRecordBeginsAtAMultipleOfEightWithZerosBefore() {
        let batch = Pipeline().batch((0..<20).map { Records.open(who, at: 1, name: String(repeating: "n", count: $0)) })
        var expected = 0
        for event in batch.events {
            #expect(event.offset == expected)
            let length = Int(batch.record(event).header.length)
            let end = (event.offset + length + 7) & ~7
            #expect(batch.records[(event.offset + length)..<end].allSatisfy { $0 == 0 })
            expected = end
        }
        #expect(batch.records.count == expected)
    }

    @Test func aRefusedRecordLeavesNoBytes() {
        let pipeline = Pipeline()
        let batch = pipeline.batch([[1, 2, 3], Records.exit(who, at: 1), [UInt8](repeating: 255, count: 400)])
        #expect(batch.events.count == 1)
        #expect(batch.events[0].offset == 0)
        #expect(pipeline.refused == 2)
        #expect(batch.records.count == Records.exit(who, at: 1).count)
    }

    @Test func aFilterTakesEventsOutAndLeavesTheirRecords() {
        let batch = Pipeline().batch((0..<10).map { Records.exit(who, at: $0) })
        let before = batch.records.count
        #expect(batch.filter { event, _ in event.time % 2 == 0 } == 5)
        #expect(batch.events.map(\.time) == [0, 2, 4, 6, 8])
        #expect(batch.records.count == before)
    }

    @Test func aRoomIsUsedAgainAndBeginsEmpty() {
        let pipeline = Pipeline()
        func address() -> UnsafeRawPointer? {
            let batch = pipeline.batch([Records.exit(who, at: 1)])
            #expect(batch.events.count == 1)
            return batch.records.baseAddress
        }
        let first = address()
        for _ in 0..<10 { #expect(address() == first) }
    }

    @Test func batchesThatLiveAtOnceShareNoRoom() {
        let pipeline = Pipeline()
        let batches = (0..<20).map { pipeline.batch([Records.exit(who, at: $0)]) }
        #expect(Set(batches.map(\.records.baseAddress)).count == 20)
        for (index, batch) in batches.enumerated() {
            #expect(batch.record(batch.events[0]).header.time == UInt64(index))
        }
    }

    @Test func aBatchOutlivesWhoeverMadeIt() {
        func make() -> EventBatch { Pipeline().batch([Records.exit(who, at: 5)]) }
        let batch = make()
        #expect(batch.record(batch.events[0]).header.time == 5)
    }
}
