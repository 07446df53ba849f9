import Fixtures
import Model
import Outputs
import Testing

/// A batch that went through a file says what it said before, to the byte.
@Suite struct SpoolEncodingTests {
    @Test func everyKindOfEventComesBackAsItWas() throws {
        let spool = try TestSpool(memory: 1)
        let pipeline = Pipeline()
        var batches = [pipeline.batch(Records.ofEachKind())]
        batches += Lines.batches(3, of: 23)
        var expected: [UInt8] = []
        for batch in batches { expected += pipeline.text(batch, .json) }
        let down = NumberSink()
        down.set { $0.isDown = true }
        let first = try spool.output(down)
        for batch in batches { first.offer(batch) }
        #expect(eventually { first.counts.waiting.total == UInt64(batches.reduce(0) { $0 + $1.events.count }) })
        first.close(within: 0)
        let sink = try FileSink(path: spool.folder.path("events"), rotation: Rotation(), writer: Lines.writer)
        let second = try spool.output(PlainDelivery(sink))
        second.close(within: nil)
        #expect(second.status.earlier.damaged.total == 0)
        let lines = Pipeline.lines(spool.folder.read("events") ?? [])
        #expect(lines == Pipeline.lines(expected))
    }
}
