import Fixtures
import Glibc
import Model
import Outputs
import Synchronization
import Testing

/// What a sink refuses is tried again.
@Suite struct RetryTests {
    /// Takes so many events, then fails; each write is noted.
    private final class Stubborn: Sink {
        struct State {
            var taken: [UInt64] = []
            var left = 0
            var writes = 0
        }

        let state = Mutex(State())

        func write(_ batch: EventBatch, isUrgent: () -> Bool) -> SinkResult {
            state.withLock { state in
                state.writes += 1
                let count = min(state.left, batch.events.count)
                for index in 0..<count { state.taken.append(batch.events[index].time) }
                state.left -= count
                return count == batch.events.count ? .written : .failed(after: count, SinkFailure("stubborn: no"))
            }
        }

        func reopen() {}
    }

    private func runner(_ sink: any Sink, capacity: Int = 1 << 17, _ retries: RetryPolicy?) -> SinkRunner {
        SinkRunner(sink, name: "stubborn", capacity: capacity, retries: retries, logger: Lines.quiet)
    }

    @Test func aBatchGoesOnWhereItFailedAndNothingIsLost() throws {
        let sink = Stubborn()
        sink.state.withLock { $0.left = 7 }
        let runner = runner(sink, .quick)
        for batch in Lines.batches(3, of: 23) { runner.offer(batch) }
        #expect(eventually { runner.counts.delivered[.open] == 7 && runner.status.problem != nil })
        sink.state.withLock { $0.left = .max }
        runner.close(within: 5)
        #expect(sink.state.withLock(\.taken).count == 69)
        #expect(runner.counts.delivered[.open] == 69)
        #expect(runner.counts.lostTotal == 0)
        #expect(runner.status.problem == nil)
    }

    @Test func whatHasNoRoomMeanwhileIsCountedAsRefused() throws {
        let sink = Stubborn()
        let runner = runner(sink, capacity: 50, .quick)
        let batches = Lines.batches(10, of: 23)
        runner.offer(batches[0])
        #expect(eventually { runner.status.problem != nil })
        for batch in batches[1...] { runner.offer(batch) }
        #expect(runner.counts.failed[.open] == 8 * 23)
        sink.state.withLock { $0.left = .max }
        runner.close(within: 5)
        #expect(runner.counts.delivered[.open] == 2 * 23)
        #expect(runner.counts.queueFull.total == 0)
    }

    @Test func whenItIsTimeToEndItIsTriedOnceMoreAndThenLost() throws {
        let sink = Stubborn()
        var slow = RetryPolicy()
        slow.first = 1000
        slow.longest = 1000
        let runner = runner(sink, slow)
        for batch in Lines.batches(2, of: 23) { runner.offer(batch) }
        #expect(eventually { runner.status.problem != nil })
        runner.close(within: 5)
        #expect(sink.state.withLock(\.writes) == 3)
        #expect(runner.counts.failed[.open] == 46)
    }

    @Test func strictlyFiveFailuresInARowAreTheEnd() throws {
        let sink = Stubborn()
        var strict = RetryPolicy.strict
        strict.first = 0.001
        let runner = runner(sink, strict)
        runner.offer(Lines.batches(1, of: 23)[0])
        #expect(eventually { runner.exhaustion != nil })
        #expect(runner.exhaustion == SinkFailure("stubborn: no"))
        #expect(sink.state.withLock(\.writes) == 5)
        runner.close(within: 1)
        #expect(runner.counts.failed[.open] == 23)
    }

    @Test func withoutRetriesWhatIsRefusedIsLostAtOnce() throws {
        let sink = Stubborn()
        let runner = runner(sink, nil)
        runner.offer(Lines.batches(1, of: 23)[0])
        #expect(eventually { runner.counts.failed[.open] == 23 })
        sink.state.withLock { $0.left = .max }
        runner.offer(Lines.batches(1, of: 7)[0])
        runner.close(within: nil)
        #expect(runner.counts.delivered[.open] == 7)
    }

    @Test(.enabled(if: geteuid() == 0, "a small file system can be mounted by root alone"))
    func aFileOnAFullDiskMissesNothingWhenThereIsRoomAgain() throws {
        let folder = try TemporaryFolder()
        mkdir(folder.path("disk"), 0o700)
        try #require(mount("tmpfs", folder.path("disk"), "tmpfs", 0, "size=64k") == 0)
        defer { umount2(folder.path("disk"), Int32(MNT_DETACH)) }
        _ = try folder.write([UInt8](repeating: 0, count: 40 << 10), to: "disk/filler")
        let sink = try FileSink(path: folder.path("disk/events"), rotation: Rotation(), writer: Lines.writer)
        let runner = runner(sink, .quick)
        for batch in Lines.batches(2, of: 60) { runner.offer(batch) }
        #expect(eventually { runner.status.problem?.contains("No space left") == true })
        unlink(folder.path("disk/filler"))
        runner.close(within: 5)
        #expect(try Lines.numbers(folder, "disk/events") == Array(0..<120))
        #expect(runner.counts.lostTotal == 0)
    }

    @Test func delaysDoubleUpToTheirLimitAndDiffer() throws {
        // By what a sink sees: the times between its attempts, of which each is half a delay at least.
        let sink = Timed()
        var policy = RetryPolicy()
        policy.first = 0.02
        policy.longest = 0.08
        let runner = runner(sink, policy)
        runner.offer(Lines.batches(1, of: 1)[0])
        #expect(eventually { sink.times.withLock(\.count) >= 6 })
        runner.close(within: 1)
        let times = sink.times.withLock { $0 }
        let waits = zip(times.dropFirst(), times).map { Double($0 - $1) / 1e9 }
        for (wait, least) in zip(waits, [0.01, 0.02, 0.04, 0.04, 0.04]) { #expect(wait >= least) }
    }

    private final class Timed: Sink {
        let times = Mutex<[UInt64]>([])

        func write(_ batch: EventBatch, isUrgent: () -> Bool) -> SinkResult {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            times.withLock { $0.append(UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)) }
            return .failed(after: 0, SinkFailure("timed: no"))
        }

        func reopen() {}
    }
}
