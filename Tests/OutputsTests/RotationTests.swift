import Fixtures
import Foundation
import Glibc
import Outputs
import Testing

/// FILE becomes FILE.1, FILE.1 becomes FILE.2; nothing is lost under way, but the oldest.
@Suite struct RotationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Writes batches of two lines each.
    private func write(
        _ batches: Int,
        between: (Int) throws -> Void = { _ in },
        _ change: (inout Rotation) -> Void
    ) throws {
        var rotation = Rotation()
        change(&rotation)
        let sink = try FileSink(path: folder.path("events"), rotation: rotation, writer: Lines.writer)
        for (index, batch) in Lines.batches(batches, of: 2).enumerated() {
            #expect(sink.write(batch) { false } == .written)
            try between(index)
        }
    }

    @Test func withoutALimitThereIsOneFile() throws {
        try write(10) { _ in }
        #expect(folder.names == ["events"])
        #expect(try Lines.numbers(folder, "events") == Array(0..<20))
    }

    @Test func aFileThatHasReachedItsSizeIsPutAside() throws {
        try write(4) { $0.size = 1 }
        #expect(folder.names == ["events", "events.1", "events.2", "events.3"])
        #expect(try Lines.numbers(folder, "events") == [6, 7])
        #expect(try Lines.numbers(folder, "events.1") == [4, 5])
        #expect(try Lines.numbers(folder, "events.3") == [0, 1])
    }

    @Test func theSizeIsNotPassedByMoreThanABatch() throws {
        try write(1) { _ in }
        let batch = try #require(folder.read("events")).count
        try FileManager.default.removeItem(atPath: folder.path("events"))
        try write(9) { $0.size = batch * 3 }
        #expect(folder.names == ["events", "events.1", "events.2"])
        for name in folder.names { #expect(try Lines.numbers(folder, name).count == 6) }
    }

    @Test func noMoreOldFilesAreKeptThanWereAskedFor() throws {
        try write(20) {
            $0.size = 1
            $0.count = 2
        }
        #expect(folder.names == ["events", "events.1", "events.2"])
        #expect(try Lines.numbers(folder, "events.2") == [34, 35])
    }

    @Test func withoutOldFilesTheFileBeginsAnew() throws {
        try write(3) {
            $0.size = 1
            $0.count = 0
        }
        #expect(folder.names == ["events"])
        #expect(try Lines.numbers(folder, "events") == [4, 5])
    }

    @Test func aFileOfItsAgeIsPutAside() throws {
        try write(3) { $0.age = 0 }
        #expect(folder.names == ["events", "events.1", "events.2"])
    }

    @Test func aFileThatIsYoungerIsNot() throws {
        try write(3) { $0.age = 1000 }
        #expect(folder.names == ["events"])
    }

    @Test func anEmptyFileIsNeverPutAside() throws {
        let sink = try FileSink(path: folder.path("events"), rotation: age(0), writer: Lines.writer)
        _ = sink.write(Lines.batches(1, of: 1)[0]) { false }
        #expect(folder.names == ["events"])
    }

    private func age(_ age: Int) -> Rotation {
        var rotation = Rotation()
        rotation.age = age
        return rotation
    }

    @Test func aFileThatWasThereCountsWithItsSize() throws {
        _ = try folder.write(Array("old\n".utf8), to: "events")
        try write(1) { $0.size = 4 }
        #expect(folder.read("events.1") == Array("old\n".utf8))
        #expect(try Lines.numbers(folder, "events") == [0, 1])
    }

    @Test func aFileThatSomebodyTookAwayIsBegunAgainAndTheOldOnesStay() throws {
        try write(
            4,
            between: { index in
                if index == 1 { try FileManager.default.removeItem(atPath: folder.path("events")) }
            },
            { $0.size = 1 }
        )
        #expect(folder.names == ["events", "events.1", "events.2"])
        #expect(try Lines.numbers(folder, "events") == [6, 7])
        #expect(try Lines.numbers(folder, "events.1") == [4, 5])
        #expect(try Lines.numbers(folder, "events.2") == [0, 1])
    }

    @Test func newFilesAreForTheirOwnerToo() throws {
        try write(2) { $0.size = 1 }
        for name in folder.names {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path(name))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }
}
