import Fixtures
import Foundation
import Model
import Testing

/// Numbers that are the same in every run (SplitMix64).
struct FixedRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// Whatever the bytes are: an event in valid text, or a refusal that is counted.
@Suite struct DamageTests {
    private func damaged(_ record: [UInt8], _ random: inout FixedRandom) -> [UInt8] {
        var record = record
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            // Length and kind stay whole most of the time: other damage is refused at the door.
            let from = Int.random(in: 0..<8, using: &random) == 0 ? 0 : 6
            let place = Int.random(in: from..<record.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: record[place] = UInt8.random(in: 0...255, using: &random)
            case 1: record[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default: record[place] = [0, 0x7f, 0x80, 0xff][Int.random(in: 0..<4, using: &random)]
            }
        }
        return record
    }

    @Test func randomDamageNeverCrashesAndEveryLineStaysValid() throws {
        var random = FixedRandom(state: 20_261_121)
        let good = Records.ofEachKind()
        let pipeline = Pipeline()
        var lines = 0
        for round in 0..<200 {
            let records = (0..<100).map { damaged(good[$0 % good.count], &random) }
            let before = (pipeline.refused, pipeline.built.total)
            let batch = pipeline.batch(records)
            let clocks = UInt64(records.count) - (pipeline.refused - before.0) - (pipeline.built.total - before.1)
            #expect(UInt64(batch.events.count) + (pipeline.refused - before.0) + clocks == 100)
            let json = pipeline.text(batch, .json).split(separator: 10)
            #expect(json.count == batch.events.count)
            for line in json {
                if (try? JSONSerialization.jsonObject(with: Data(line))) == nil {
                    Issue.record("round \(round): \(String(decoding: line, as: UTF8.self))")
                }
            }
            let compact = pipeline.text(batch, .compact)
            #expect(compact.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || $0 == 10 })
            #expect(compact.filter { $0 == 10 }.count == batch.events.count)
            lines += json.count
        }
        #expect(lines > 10000)
    }

    @Test func noiseIsRefused() {
        var random = FixedRandom(state: 7)
        let pipeline = Pipeline()
        for count in 0..<2000 {
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(pipeline.batch([noise]).events.isEmpty)
        }
        #expect(pipeline.refused == 2000)
    }

    @Test(arguments: Records.ofEachKind()) func everyFieldAtItsExtremesHasAText(record: [UInt8]) throws {
        let header = 64
        for value: UInt8 in [0x00, 0x7f, 0x80, 0xff] {
            for width in [4, 8] {
                for place in stride(from: 8, to: record.count - width, by: 4) where place != 0 {
                    var record = record
                    for byte in 0..<width {
                        record[place + byte] = byte == width - 1 ? value : value == 0x80 ? 0 : value == 0 ? 0 : 0xff
                    }
                    let pipeline = Pipeline()
                    let batch = pipeline.batch([Records.ofEachKind()[1], record])
                    for line in pipeline.text(batch, .json).split(separator: 10) {
                        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line)) }
                    }
                    _ = pipeline.text(batch, .compact)
                }
            }
        }
        #expect(record.count >= header)
    }
}
