import Collector
import Fixtures
import Foundation
import Glibc
import Model
import Outputs
import Testing

/// A disk that fills up and gets room again: what was lost is counted, and no half line or chunk is left.
@Suite(.enabled(if: geteuid() == 0, "a small file system can be mounted by root alone"))
struct FullDiskTests {
    /// A file system of 64 KiB with a file in the way, or none of it.
    private final class SmallDisk {
        let folder: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
            #expect(mkdir(folder.path("disk"), 0o700) == 0)
            try #require(
                mount("tmpfs", folder.path("disk"), "tmpfs", 0, "size=64k") == 0,
                "\(String(cString: strerror(errno)))"
            )
            _ = try folder.write([UInt8](repeating: 0, count: 40 << 10), to: "disk/filler")
        }

        deinit { umount2(folder.path("disk"), Int32(MNT_DETACH)) }

        func makeRoom() { unlink(folder.path("disk/filler")) }
    }

    @Test func aFileGoesOnAfterAFullDiskWithWholeLines() throws {
        let disk = try SmallDisk()
        let sink = try FileSink(path: disk.folder.path("disk/events"), rotation: Rotation(), writer: Lines.writer)
        let runner = SinkRunner(sink, name: "events", waits: true, logger: Lines.quiet)
        let batches = Lines.batches(3, of: 60)
        for batch in batches[..<2] { runner.offer(batch) }
        while runner.depth > 0 { usleep(1000) }
        let before = runner.counts
        #expect(before.failed.total > 0)
        #expect(before.delivered.total + before.failed.total == 120)
        #expect(try Lines.numbers(disk.folder, "disk/events").count == Int(before.delivered.total))
        disk.makeRoom()
        runner.offer(batches[2])
        runner.close(within: nil)
        #expect(runner.counts.delivered.total == before.delivered.total + 60)
        let numbers = try Lines.numbers(disk.folder, "disk/events")
        #expect(numbers.suffix(60) == Array(120..<180)[...])
        #expect(numbers.count == Int(runner.counts.delivered.total))
    }

    @Test func standardOutputThatIsAFileKeepsWholeLinesToo() throws {
        let disk = try SmallDisk()
        let file = open(disk.folder.path("disk/out"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        let sink = StreamSink(descriptor: file, writer: Lines.writer)
        guard case .failed(let whole, _) = sink.write(Lines.batches(1, of: 120)[0], isUrgent: { false }) else {
            Issue.record("the disk was not full")
            return
        }
        #expect(try Lines.numbers(disk.folder, "disk/out") == Array(0..<whole))
        disk.makeRoom()
        #expect(sink.write(Lines.batches(1, of: 40)[0]) { false } == .written)
        #expect(try Lines.numbers(disk.folder, "disk/out") == Array(0..<whole) + Array(0..<40))
    }

    @Test func aRecordingGoesOnAfterAFullDiskWithWholeChunks() throws {
        let disk = try SmallDisk()
        let path = disk.folder.path("disk/recording")
        let sink = RecordingSink(try RecordingWriter(path: path, node: "node-1"))
        let batches = Lines.batches(3, of: 100)
        #expect(sink.write(batches[0]) { false } == .written)
        let failure = SinkFailure("\(path): No space left on device")
        #expect(sink.write(batches[1]) { false } == .failed(after: 0, failure))
        disk.makeRoom()
        #expect(sink.write(batches[2]) { false } == .written)
        let replayed = Recordings.replay(path)
        #expect(replayed.error == nil)
        #expect(try Lines.numbers(replayed.json) == Array(0..<100) + Array(200..<300))
    }
}
