import Collector
import Fixtures
import Model
import Testing

/// A recording that is cut or damaged is replayed as far as it is whole, and says where it ends.
@Suite struct RecordingDamageTests {
    private let folder: TemporaryFolder
    private let whole: [UInt8]
    private let text: [UInt8]
    private static let batches = [
        [Records.exec(Who(5, start: 50), of: Who(1, start: 0), at: 1), Records.exit(Who(5, start: 50), at: 2)],
        [Records.open(Who(5, start: 50), at: 3)],
        [Records.exit(Who(6, start: 60), at: 4)],
    ]

    init() throws {
        folder = try TemporaryFolder()
        text = try Recordings.write(Self.batches, to: folder.path("whole")).json
        whole = try #require(folder.read("whole"))
    }

    /// Where a file may end so that nobody can tell that there was more: its header, then each chunk.
    private func ends() throws -> [(size: Int, text: [UInt8])] {
        try (0...Self.batches.count).map { count in
            let text = try Recordings.write(Array(Self.batches[..<count]), to: folder.path("\(count)")).json
            return (try #require(folder.read("\(count)")).count, text)
        }
    }

    @Test func aRecordingCutAnywhereGivesItsWholeChunksAndSaysWhereItEnds() throws {
        let ends = try ends()
        for size in 1..<whole.count {
            let path = try folder.write(Array(whole[..<size]), to: "cut")
            let replayed = Recordings.replay(path)
            let last = ends.last { $0.size <= size }
            #expect(replayed.json == (last?.text ?? []), "cut at \(size)")
            if last?.size == size {
                #expect(replayed.error == nil, "cut at \(size)")
            } else if let error = replayed.error {
                #expect(error.description.hasPrefix("\(path): "))
                guard case .truncated(path, let offset) = error else {
                    Issue.record("cut at \(size): \(error)")
                    continue
                }
                #expect(offset == last?.size ?? 0, "cut at \(size)")
                #expect(error.description.contains("at byte \(offset)"))
            } else {
                Issue.record("cut at \(size): no error")
            }
        }
    }

    @Test func oneWrongBitAnywhereIsFound() throws {
        for place in whole.indices {
            for bit in 0..<8 {
                var bytes = whole
                bytes[place] ^= 1 << bit
                let replayed = Recordings.replay(try folder.write(bytes, to: "flipped"))
                #expect(replayed.error != nil, "byte \(place) bit \(bit)")
                #expect(text.starts(with: replayed.json), "byte \(place) bit \(bit)")
            }
        }
    }

    @Test func whatFollowsTheRecordingIsDamage() throws {
        let path = try folder.write(whole + Array("something else altogether".utf8), to: "longer")
        let replayed = Recordings.replay(path)
        #expect(replayed.json == text)
        #expect(replayed.error == .damaged(path: path, offset: whole.count))
        #expect(replayed.error?.description.contains("at byte \(whole.count)") == true)
    }

    /// Records that no builder took in, under a checksum that fits.
    private func recording(of records: [[UInt8]]) throws -> String {
        let path = folder.path("odd")
        let batch = EventBatchPool().take()
        for record in records { record.withUnsafeBytes { _ = batch.append($0) } }
        let writer = try RecordingWriter(path: path, node: "node-1")
        try writer.write(batch)
        return path
    }

    @Test func aBadRecordInAGoodChunkIsRefusedAlone() throws {
        let exit = Records.exit(Who(6, start: 60), at: 4)
        let short: [UInt8] = [16, 0, 0, 0] + [UInt8](repeating: 7, count: 12)
        let replayed = Recordings.replay(try recording(of: [exit, short, exit]))
        #expect(replayed.error == nil)
        #expect(replayed.json.filter { $0 == UInt8(ascii: "\n") }.count == 2)
    }

    @Test(arguments: [0, 4096, UInt32.max]) func aRecordThatIsLongerThanItsChunkIsDamage(length: UInt32) throws {
        let exit = Records.exit(Who(6, start: 60), at: 4)
        let path = try recording(of: [exit, withUnsafeBytes(of: length) { Array($0) } + [1, 2, 3, 4]])
        let replayed = Recordings.replay(path)
        guard case .damaged(path, let offset) = try #require(replayed.error) else {
            Issue.record("\(replayed)")
            return
        }
        let size = try #require(folder.read("odd")).count
        #expect(offset == size - 8)
        #expect(replayed.json.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    }
}
