import Collector
import Fixtures
import Foundation
import Testing

/// What was recorded is replayed to the byte.
@Suite struct RecordingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func roundTrip(_ batches: [[[UInt8]]], node: String = "node-1", late: Bool = false) throws {
        let path = folder.path("recording")
        let live = try Recordings.write(batches, to: path, node: node, late: late)
        let replayed = Recordings.replay(path)
        #expect(replayed.error == nil)
        #expect(!live.json.isEmpty)
        #expect(replayed.json == live.json)
        #expect(replayed.compact == live.compact)
    }

    @Test func aReplayWritesTheSameBytes() throws { try roundTrip(Recordings.batches) }

    @Test func aReplayKeepsTheMarkOfWhatCameLate() throws { try roundTrip(Recordings.batches, late: true) }

    @Test func recordsThatWereRefusedAreNotInTheRecording() throws {
        try roundTrip([[Records.exit(Who(1, start: 0), at: 1), [1, 2, 3], Records.exit(Who(1, start: 0), at: 2)]])
    }

    @Test func aBatchLargerThanTheReadersRoomIsReplayed() throws {
        let name = String(repeating: "x", count: 3000)
        try roundTrip([(0..<1000).map { Records.open(Who(40, start: 4000), at: $0, name: name) }])
    }

    @Test func eventsThatAFilterTookOutAreInTheRecording() throws {
        let path = folder.path("filtered")
        let pipeline = Pipeline()
        let batch = pipeline.batch(Records.ofEachKind())
        let all = pipeline.text(batch, .json)
        _ = batch.filter { _, _ in false }
        do {
            let writer = try RecordingWriter(path: path, node: "node-1")
            try writer.write(batch)
        }
        #expect(Recordings.replay(path).json == all)
    }

    @Test(arguments: ["", "a", "Knoten-ü", String(repeating: "n", count: 255), String(repeating: "ü", count: 200)])
    func theNodesNameComesBack(node: String) throws {
        let path = folder.path("node")
        try Recordings.write(to: path, node: node)
        let replayed = Recordings.replay(path)
        #expect(replayed.error == nil)
        #expect(try RecordingReader(path: path).node == String(node.prefix(node.utf8.count > 255 ? 127 : 255)))
    }

    @Test func aRecordingWithoutBatchesIsEmptyAndWhole() throws {
        let path = folder.path("none")
        try Recordings.write([], to: path)
        let replayed = Recordings.replay(path)
        #expect(replayed.error == nil && replayed.json.isEmpty)
    }

    @Test func anEmptyBatchLeavesNoTrace() throws {
        try Recordings.write([], to: folder.path("none"))
        try Recordings.write([[], []], to: folder.path("empty"))
        #expect(folder.read("none") == folder.read("empty"))
    }

    @Test func onlyItsOwnerReadsARecording() throws {
        let path = folder.path("private")
        try Recordings.write(to: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func aFileThatIsThereIsNeverOverwritten() throws {
        let path = try folder.write([1, 2, 3], to: "mine")
        let error = #expect(throws: RecordingError.self) { try Recordings.write(to: path) }
        #expect(error == .system(path: path, errno: EEXIST))
        #expect(error?.description.contains("choose another name") == true)
        #expect(folder.read("mine") == [1, 2, 3])
    }

    @Test func aFolderThatIsNotThereIsToldByName() throws {
        let path = folder.path("missing/recording")
        let error = #expect(throws: RecordingError.self) { try Recordings.write(to: path) }
        #expect(error?.description == "\(path): No such file or directory")
    }
}
