import Fixtures
import Foundation
import Glibc
import Model
import Outputs
import Testing

/// Standard output is a pipe most of the time, and its reader does what it likes.
@Suite struct StreamSinkTests {
    private let pipe = TestPipe()

    private func makeRunner(capacity: Int = 1 << 17, waits: Bool = false) -> SinkRunner {
        let sink = StreamSink(descriptor: pipe.writing, writer: Lines.writer)
        return SinkRunner(sink, name: "pipe", capacity: capacity, waits: waits, logger: Lines.quiet)
    }

    /// What came whole; a line that was cut off at the end is no line.
    private func wholeNumbers() throws -> [Int] {
        let text = pipe.finish()
        return try Lines.numbers(text.prefix((text.lastIndex(of: 10) ?? -1) + 1))
    }

    @Test func aSlowReaderGetsAll() throws {
        pipe.startReading(1500, pause: 100)
        let runner = makeRunner()
        for batch in Lines.batches(20, of: 50) { runner.offer(batch) }
        runner.close(within: nil)
        #expect(runner.counts.delivered[.open] == 1000)
        #expect(try wholeNumbers() == Array(0..<1000))
    }

    @Test func whatAReaderThatStoppedDidNotTakeIsCountedToTheEvent() throws {
        let runner = makeRunner(capacity: 500)
        for batch in Lines.batches(30, of: 100) { runner.offer(batch) }
        runner.close(within: 0.3)
        let counts = runner.counts
        #expect(counts.delivered.total + counts.queueFull.total == 3000)
        #expect(counts.failed.total == 0)
        #expect(counts.queueFull.total > 2000)
        pipe.startReading()
        #expect(try wholeNumbers().count == Int(counts.delivered.total))
    }

    /// Each page that it takes makes room for one more, so that no single wait is long.
    @Test func aReaderThatIsSlowButSteadyDoesNotHoldTheEndUp() throws {
        pipe.startReading(4096, pause: 5000)
        let runner = makeRunner()
        for batch in Lines.batches(4, of: 20000) { runner.offer(batch) }
        runner.close(within: 0.3)
        let counts = runner.counts
        #expect(counts.delivered.total + counts.queueFull.total == 80000)
        #expect(counts.queueFull.total > 0)
        #expect(try wholeNumbers().count == Int(counts.delivered.total))
    }

    @Test func aReaderThatGoesIsNoticedAndTheRestIsCounted() throws {
        pipe.closeReader()
        let runner = makeRunner(waits: true)
        for batch in Lines.batches(3, of: 10) { runner.offer(batch) }
        runner.close(within: nil)
        #expect(runner.isReaderGone)
        #expect(runner.counts.delivered.total == 0)
        #expect(runner.counts.failed[.open] == 30)
        close(pipe.writing)
    }

    @Test func aReaderThatIsThereIsNotGone() throws {
        pipe.startReading()
        let runner = makeRunner()
        runner.offer(Lines.batches(1, of: 1)[0])
        runner.close(within: nil)
        #expect(!runner.isReaderGone)
        _ = pipe.finish()
    }

    @Test func aPipeThatDoesNotBlockLosesNothing() throws {
        _ = fcntl(pipe.writing, F_SETFL, O_NONBLOCK)
        let runner = makeRunner(waits: true)
        pipe.startReading(700, pause: 50)
        for batch in Lines.batches(10, of: 100) { runner.offer(batch) }
        runner.close(within: nil)
        #expect(try wholeNumbers() == Array(0..<1000))
    }

    @Test func aDeviceThatTakesNothingIsAFailureWithItsReason() throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        let sink = StreamSink(descriptor: full, writer: Lines.writer)
        let result = sink.write(Lines.batches(1, of: 10)[0]) { false }
        #expect(result == .failed(after: 0, SinkFailure("standard output: No space left on device")))
    }

    @Test func aBatchWithoutEventsIsWritten() {
        let sink = StreamSink(descriptor: pipe.writing, writer: Lines.writer)
        #expect(sink.write(EventBatchPool().take()) { false } == .written)
    }
}
