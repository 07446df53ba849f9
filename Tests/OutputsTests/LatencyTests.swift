import Collector
import Fixtures
import Glibc
import Model
import Outputs
import Testing

/// How long events take from their hook to the end of the write.
@Suite struct LatencyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func runner() throws -> SinkRunner {
        let sink = try FileSink(path: folder.path("events"), rotation: Rotation(), writer: Lines.writer)
        return SinkRunner(sink, name: "events", waits: false, logger: Lines.quiet)
    }

    /// An open that a hook told so long ago.
    private func open(_ nanoseconds: UInt64) -> [UInt8] {
        Records.open(Who(40, start: 4000), at: BootClock.now() &- nanoseconds, name: "n", path: nil)
    }

    @Test func eachEventThatWasWrittenIsCountedByHowLongAgoItsHookWas() throws {
        let runner = try runner()
        // In the middle of a class, so that it does not matter what the machine takes for the rest.
        runner.offer(Pipeline().batch([open(12 << 30), open(12 << 30), open(24 << 30)]))
        runner.close(within: nil)
        let latency = runner.status.latency
        #expect(latency.count == 3)
        #expect(latency.counts[34 - LatencyHistogram.first] == 2)
        #expect(latency.counts[LatencyHistogram.classes - 1] == 0)
        #expect(latency.counts[35 - LatencyHistogram.first] == 1)
        #expect(latency.sum >= 48 << 30 && latency.sum < 54 << 30)
    }

    @Test func whatTheAgentItselfTellsAndWhatIsLostHasNoLatency() throws {
        let runner = try runner()
        let batch = Pipeline().batch(Records.ofEachKind())
        runner.offer(batch)
        runner.close(within: nil)
        let counts = runner.counts.delivered
        let own = counts[.snapshot] + counts[.loss] + counts[.container]
        #expect(own > 0)
        #expect(runner.status.latency.count == counts.total - own)
        runner.offer(batch)
        #expect(runner.status.latency.count == counts.total - own)
    }

    @Test func aHookThatSeemsToLieAheadCountsAsNow() throws {
        let runner = try runner()
        runner.offer(Pipeline().batch([open(0 &- 1_000_000_000_000)]))
        runner.close(within: nil)
        #expect(runner.status.latency.counts[0] == 1)
        #expect(runner.status.latency.sum == 0)
    }

    @Test func whatWaitsIsToldWithItsLimits() throws {
        let runner = try runner()
        runner.offer(Pipeline().batch([open(0)]))
        runner.close(within: nil)
        let queue = runner.status.queue
        #expect(queue.events == 0 && queue.bytes == 0)
        #expect(queue.eventLimit == 1 << 17 && queue.byteLimit == 64 << 20)
    }

    @Test func histogramsAddUp() {
        var (a, b) = (LatencyHistogram(), LatencyHistogram())
        for exponent in 0..<64 { a.add(nanoseconds: 1 << UInt64(exponent)) }
        b.add(nanoseconds: .max)
        let sum = a.sum &+ b.sum
        a += b
        #expect(a.count == 65 && a.sum == sum)
        #expect(a.counts[0] == 15 && a.counts[1] == 1 && a.counts[LatencyHistogram.classes - 1] == 30)
    }
}
