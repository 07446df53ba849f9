import Fixtures
import Foundation
import Glibc
import Model
import Outputs
import Testing

/// A file of its own: whole lines, for its owner's eyes.
@Suite struct FileSinkTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func makeSink(_ name: String = "events", _ change: (inout Rotation) -> Void = { _ in }) throws -> FileSink {
        var rotation = Rotation()
        change(&rotation)
        return try FileSink(path: folder.path(name), rotation: rotation, writer: Lines.writer)
    }

    @Test func aNewFileIsReadableByItsOwnerAlone() throws {
        let sink = try makeSink()
        #expect(sink.write(Lines.batches(1, of: 3)[0]) { false } == .written)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("events"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try Lines.numbers(folder, "events") == [0, 1, 2])
    }

    @Test func whatIsThereStays() throws {
        let batches = Lines.batches(2, of: 2)
        _ = try makeSink().write(batches[0]) { false }
        _ = try makeSink().write(batches[1]) { false }
        #expect(try Lines.numbers(folder, "events") == [0, 1, 2, 3])
    }

    @Test func anUrgentEndDoesNotCutAFile() throws {
        let sink = try makeSink()
        #expect(sink.write(Lines.batches(1, of: 5000)[0]) { true } == .written)
        #expect(try Lines.numbers(folder, "events").count == 5000)
    }

    @Test func afterARenameAReopenBeginsANewFile() throws {
        let sink = try makeSink()
        let batches = Lines.batches(3, of: 1)
        _ = sink.write(batches[0]) { false }
        #expect(rename(folder.path("events"), folder.path("moved")) == 0)
        _ = sink.write(batches[1]) { false }
        sink.reopen()
        _ = sink.write(batches[2]) { false }
        #expect(try Lines.numbers(folder, "moved") == [0, 1])
        #expect(try Lines.numbers(folder, "events") == [2])
    }

    @Test func aReopenThatFailsKeepsTheOldFile() throws {
        let sink = try makeSink()
        #expect(rename(folder.path("events"), folder.path("moved")) == 0)
        #expect(mkdir(folder.path("events"), 0o700) == 0)
        sink.reopen()
        #expect(sink.write(Lines.batches(1, of: 1)[0]) { false } == .written)
        #expect(try Lines.numbers(folder, "moved") == [0])
    }

    @Test func aFolderIsNoFile() throws {
        let error = #expect(throws: SinkFailure.self) { try makeSink("") }
        #expect(error?.description.hasSuffix(": Is a directory") == true)
    }

    @Test func aMissingFolderIsTold() throws {
        let error = #expect(throws: SinkFailure.self) { try makeSink("no/events") }
        #expect(error?.description == "\(folder.path("no/events")): No such file or directory")
    }

    @Test func aFullDeviceFailsEachBatchAndNamesItself() throws {
        let sink = try FileSink(path: "/dev/full", rotation: Rotation(), writer: Lines.writer)
        let runner = SinkRunner(sink, name: "/dev/full", waits: true, logger: Lines.quiet)
        for batch in Lines.batches(3, of: 10) { runner.offer(batch) }
        runner.close(within: nil)
        #expect(runner.counts.failed[.open] == 30)
        #expect(runner.counts.delivered.total == 0)
        #expect(!runner.isReaderGone)
        let failure = SinkFailure("/dev/full: No space left on device")
        #expect(sink.write(Lines.batches(1, of: 1)[0]) { false } == .failed(after: 0, failure))
    }

    @Test func aNamedPipeThatNobodyReadsIsToldInsteadOfWaitedFor() throws {
        #expect(mkfifo(folder.path("fifo"), 0o600) == 0)
        let error = #expect(throws: SinkFailure.self) { try makeSink("fifo") }
        #expect(error?.description == "\(folder.path("fifo")): nobody reads this pipe: start its reader first")
    }

    @Test func aNamedPipeIsWrittenLikeOne() throws {
        #expect(mkfifo(folder.path("fifo"), 0o600) == 0)
        let reader = open(folder.path("fifo"), O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let sink = try makeSink("fifo") { $0.size = 1 }
        for batch in Lines.batches(2, of: 2) { #expect(sink.write(batch) { false } == .written) }
        var text = [UInt8](repeating: 0, count: 65536)
        let count = read(reader, &text, text.count)
        #expect(try Lines.numbers(text.prefix(max(0, count))) == [0, 1, 2, 3])
        #expect(folder.names == ["fifo"])
        #expect(sink.write(Lines.batches(1, of: 5000)[0]) { true } == .abandoned(after: 0))
    }
}
