import Fixtures
import Glibc
import Model
import Outputs
import Testing

/// What gets through a queue that is full, and what it may cost.
@Suite struct FullQueueTests {
    private let who = Who(40, start: 4000)

    @Test func lossesAreToldWhateverElseIsDropped() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let runner = SinkRunner(
            StreamSink(descriptor: ends[1], writer: Lines.writer),
            name: "pipe",
            capacity: 10,
            logger: Lines.quiet
        )
        // More than a pipe holds, so that the sink is at it for as long as nobody reads.
        runner.offer(Lines.batches(1, of: 1000)[0])
        runner.offer(Lines.batches(1, of: 7)[0])
        let mixed = Pipeline().batch([
            Records.loss(kind: 5, reason: 0, count: 3, at: 9000), Records.open(who, at: 9001),
            Records.open(who, at: 9002),
        ])
        runner.offer(mixed)
        let reader = ends[0]
        let text = PipeReader(reader)
        runner.close(within: nil)
        close(ends[1])
        #expect(text.lines().filter { $0.contains(#"{"loss":"#) }.count == 1)
        let counts = runner.counts
        #expect(counts.delivered[.loss] == 1)
        #expect(counts.delivered[.open] + counts.queueFull[.open] == 1009)
        #expect(counts.queueFull[.open] >= 2)
        close(reader)
    }

    @Test func aWaitingBatchHoldsNoMoreThanItsEventsNeed() {
        let batch = Lines.batches(1, of: 3)[0]
        #expect(batch.footprint > 200 << 10)
        let slim = batch.slim()
        #expect(slim.footprint < 4 << 10)
        #expect(slim.events.map(\.time) == batch.events.map(\.time))
        #expect(Array(slim.records) == Array(batch.records))
    }
}

/// Reads a pipe to its end on a thread of its own.
private final class PipeReader: @unchecked Sendable {
    private var thread = pthread_t()
    private let descriptor: Int32
    private var bytes: [UInt8] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        pthread_create(
            &thread,
            nil,
            { pointer in
                if let pointer { Unmanaged<PipeReader>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
    }

    private func run() {
        var area = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &area, area.count)
            if count <= 0 { return }
            bytes += area[..<count]
        }
    }

    /// All lines, once the writing end is closed.
    func lines() -> [String] {
        pthread_join(thread, nil)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
