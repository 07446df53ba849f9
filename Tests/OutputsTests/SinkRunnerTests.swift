import Collector
import Fixtures
import Glibc
import Model
import Outputs
import Testing

/// The queue before a sink, and the books that it keeps.
@Suite struct SinkRunnerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func fileRunner(capacity: Int = 1 << 17, waits: Bool) throws -> SinkRunner {
        let sink = try FileSink(path: folder.path("events"), rotation: Rotation(), writer: Lines.writer)
        return SinkRunner(sink, name: "events", capacity: capacity, waits: waits, logger: Lines.quiet)
    }

    @Test func whoWaitsLosesNothingHoweverShortTheQueue() throws {
        let runner = try fileRunner(capacity: 1, waits: true)
        for batch in Lines.batches(200, of: 20) { runner.offer(batch) }
        runner.close(within: nil)
        #expect(runner.counts.delivered[.open] == 4000)
        #expect(runner.counts.queueFull.total == 0)
        #expect(try Lines.numbers(folder, "events") == Array(0..<4000))
    }

    @Test func deliveredAndDroppedAddUpByKind() throws {
        let pipe = TestPipe()
        let sink = StreamSink(descriptor: pipe.writing, writer: Lines.writer)
        let runner = SinkRunner(sink, name: "pipe", capacity: 100, logger: Lines.quiet)
        let pipeline = Pipeline()
        for _ in 0..<500 { runner.offer(pipeline.batch(Records.ofEachKind())) }
        runner.close(within: 0.2)
        let counts = runner.counts
        for kind in EventKind.allCases where kind != .clock {
            let each: UInt64 = kind == .open || kind == .snapshot ? 2 : 1
            #expect(counts.delivered[kind] + counts.queueFull[kind] + counts.failed[kind] == 500 * each, "\(kind)")
        }
        pipe.startReading()
        let text = pipe.finish()
        #expect(UInt64(text.filter { $0 == 10 }.count) == counts.delivered.total)
    }

    @Test func aBatchLargerThanTheQueueIsTakenWhenNothingWaits() throws {
        let runner = try fileRunner(capacity: 10, waits: false)
        runner.offer(Lines.batches(1, of: 50)[0])
        runner.close(within: nil)
        #expect(runner.counts.delivered[.open] == 50)
    }

    @Test func whatIsOfferedAfterTheEndIsCountedAsDropped() throws {
        let runner = try fileRunner(waits: true)
        runner.close(within: nil)
        runner.offer(Lines.batches(1, of: 5)[0])
        #expect(runner.counts.queueFull[.open] == 5)
        #expect(runner.counts.delivered.total == 0)
    }

    @Test func aCloseWithNothingToWriteReturns() throws {
        let runner = try fileRunner(waits: false)
        runner.close(within: 0)
        runner.close(within: nil)
        #expect(runner.counts.delivered.total == 0)
    }

    @Test func aReopenComesBeforeTheNextBatch() throws {
        let runner = try fileRunner(waits: true)
        let batches = Lines.batches(2, of: 1)
        runner.offer(batches[0])
        while runner.depth > 0 { usleep(1000) }
        #expect(rename(folder.path("events"), folder.path("moved")) == 0)
        runner.reopen()
        runner.offer(batches[1])
        runner.close(within: nil)
        #expect(try Lines.numbers(folder, "moved") == [0])
        #expect(try Lines.numbers(folder, "events") == [1])
    }

    @Test func aRecordingHoldsWhatFiltersTookOut() throws {
        let path = folder.path("recording")
        let runner = SinkRunner(
            RecordingSink(try RecordingWriter(path: path, node: "node-1")),
            name: "recording",
            waits: true,
            logger: Lines.quiet
        )
        let batches = Lines.batches(3, of: 10)
        for batch in batches {
            _ = batch.filter { _, _ in false }
            runner.offer(batch)
        }
        runner.close(within: nil)
        #expect(try Lines.numbers(Recordings.replay(path).json) == Array(0..<30))
    }
}
