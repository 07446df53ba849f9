import Fixtures
import Foundation
import Glibc
import Model
import Outputs
import Testing

/// What a spool keeps while its sink is away, and over the ends of agents.
@Suite struct SpooledOutputTests {
    @Test func eventsComeInOrderAndOnce() throws {
        let spool = try TestSpool()
        let sink = NumberSink()
        let output = try spool.output(sink)
        for batch in Lines.batches(200, of: 23) { output.offer(batch) }
        output.close(within: nil)
        #expect(sink.numbers == Array(0..<4600))
        #expect(output.counts.delivered[.open] == 4600)
        #expect(output.counts.waiting.total == 0)
        #expect(output.counts.lostTotal == 0)
        #expect(spool.segments.isEmpty)
    }

    @Test func aSinkThatIsAwayCostsNothingAndGetsAllWhenItIsBack() throws {
        let spool = try TestSpool()
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let output = try spool.output(sink)
        for batch in Lines.batches(100, of: 23) { output.offer(batch) }
        #expect(eventually { sink.attempts >= 3 && output.counts.waiting[.open] == 2300 })
        #expect(output.status.problem == "numbers: down")
        sink.set { $0.isDown = false }
        #expect(eventually { output.counts.delivered[.open] == 2300 })
        #expect(output.status.problem == nil)
        output.close(within: nil)
        #expect(sink.numbers == Array(0..<2300))
    }

    @Test func whatIsNotDeliveredWhenTheAgentEndsIsDeliveredByTheNext() throws {
        let spool = try TestSpool()
        let sink = NumberSink()
        sink.set { $0.left = 1009 }
        let first = try spool.output(sink)
        for batch in Lines.batches(100, of: 23) { first.offer(batch) }
        #expect(eventually { first.counts.delivered[.open] == 1009 })
        first.close(within: 0.05)
        #expect(first.counts.waiting[.open] == 2300 - 1009)
        #expect(first.counts.lostTotal == 0)
        sink.set {
            $0.left = .max
            $0.position = nil
        }
        let second = try spool.output(sink)
        second.close(within: nil)
        #expect(sink.numbers == Array(0..<2300))
        #expect(second.status.earlier.delivered[.open] == 2300 - 1009)
        #expect(second.counts.delivered.total == 0)
        #expect(sink.losses.isEmpty)
    }

    @Test func aSinkThatIsFurtherThanTheSpoolKnowsGetsNothingTwice() throws {
        let spool = try TestSpool()
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let first = try spool.output(sink)
        for batch in Lines.batches(10, of: 23) { first.offer(batch) }
        first.close(within: 0.05)
        // As after a commit whose answer never came.
        sink.set {
            $0.isDown = false
            $0.numbers = Array(0..<46)
            $0.position = SpoolPosition(frame: 3, events: 0)
        }
        let second = try spool.output(sink)
        second.close(within: nil)
        #expect(sink.numbers == Array(0..<230))
        #expect(second.status.earlier.delivered[.open] == 230)
    }

    @Test func whatDoesNotFitIntoMemoryIsReadBackFromDisk() throws {
        let spool = try TestSpool(memory: 64 << 10)
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let output = try spool.output(sink)
        for batch in Lines.batches(300, of: 101) { output.offer(batch) }
        #expect(eventually { output.counts.waiting[.open] == 30300 })
        #expect(spool.segments.count > 1)
        sink.set { $0.isDown = false }
        output.close(within: nil)
        #expect(sink.numbers == Array(0..<30300))
    }

    @Test func theOldestGoWhenTheSpoolIsFullAndAreCounted() throws {
        let spool = try TestSpool(size: 1 << 20, memory: 64 << 10)
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let output = try spool.output(sink)
        for batch in Lines.batches(300, of: 101) { output.offer(batch) }
        #expect(eventually { output.counts.waiting[.open] + output.counts.forcedOut[.open] == 30300 })
        let lost = Int(output.counts.forcedOut[.open])
        #expect(lost > 0)
        #expect(output.status.spool.map { $0.bytes <= $0.byteLimit + (128 << 10) } == true)
        sink.set { $0.isDown = false }
        output.close(within: nil)
        // What the drain had taken already is delivered; the loss is one piece behind that.
        let taken = zip(sink.numbers, 0...).prefix { $0 == $1 }.count
        #expect(sink.numbers == Array(0..<taken) + Array((taken + lost)..<30300))
        #expect(output.counts.delivered[.open] + output.counts.forcedOut[.open] == 30300)
    }

    @Test func whatWasForcedOutIsCountedOnceHoweverManyAgentsFollow() throws {
        let spool = try TestSpool(size: 1 << 20, memory: 64 << 10)
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let first = try spool.output(sink)
        for batch in Lines.batches(300, of: 101) { first.offer(batch) }
        #expect(eventually { first.counts.waiting[.open] + first.counts.forcedOut[.open] == 30300 })
        first.close(within: 0)
        let counts = first.counts
        #expect(counts.waiting[.open] + counts.lostTotal == 30300)
        for _ in 0..<3 {
            let next = try spool.output(sink)
            next.close(within: 0)
            #expect(next.status.earlier.lostTotal == 0)
            #expect(next.status.counts.lostTotal == 0)
        }
        sink.set { $0.isDown = false }
        let last = try spool.output(sink)
        last.close(within: nil)
        #expect(last.status.earlier.delivered[.open] == counts.waiting[.open])
        #expect(last.status.earlier.lostTotal == 0)
        #expect(sink.numbers.count == Int(counts.waiting[.open]))
    }

    @Test func theStreamTellsWhatWasForcedOut() throws {
        let spool = try TestSpool(size: 1 << 20, memory: 64 << 10)
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let output = try spool.output(sink)
        for batch in Lines.batches(600, of: 101) { output.offer(batch) }
        #expect(eventually { output.counts.waiting[.open] + output.counts.forcedOut[.open] == 60600 })
        // Told each second, as long as that is not on its way already.
        usleep(2_500_000)
        sink.set { $0.isDown = false }
        output.close(within: nil)
        #expect(sink.losses["open spool_limit"] == output.counts.forcedOut[.open])
        #expect(sink.numbers.count + Int(output.counts.forcedOut[.open]) == 60600)
    }

    @Test func whatNobodyWasToldTheNextAgentTells() throws {
        let spool = try TestSpool(size: 1 << 20, memory: 64 << 10)
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        var offered = 0
        for round in 0..<3 {
            let output = try spool.output(sink)
            for batch in Lines.batches(300, of: 101) { output.offer(batch) }
            offered += 30300
            #expect(eventually { output.counts.waiting[.open] + output.counts.lostTotal == 30300 }, "\(round)")
            output.close(within: 0.01)
        }
        sink.set { $0.isDown = false }
        for _ in 0..<2 { try spool.output(sink).close(within: nil) }
        let told = sink.losses.values.reduce(0, +)
        #expect(sink.numbers.count + Int(told) == offered, "\(sink.losses)")
    }

    /// As a restored backup or a machine's snapshot has it.
    @Test func aFolderThatWentBackInTimeSwallowsNothing() throws {
        let spool = try TestSpool()
        let database = Positions()
        let batches = Lines.batches(40, of: 23)
        func run(_ range: Range<Int>) throws {
            let output = try spool.output(database)
            for batch in batches[range] { output.offer(batch) }
            output.close(within: nil)
        }
        try run(0..<10)
        try copy(spool.settings.folder, to: spool.settings.folder + ".old")
        try run(10..<20)
        try run(20..<30)
        try FileManager.default.removeItem(atPath: spool.settings.folder)
        try copy(spool.settings.folder + ".old", to: spool.settings.folder)
        try run(30..<40)
        #expect(database.numbers == Array(0..<920))
    }

    /// As cloned machines have it.
    @Test func twoAgentsOfOneCopiedFolderLoseNothingAndShareWhatWaited() throws {
        let (one, database) = (try TestSpool(), Positions())
        let down = NumberSink()
        down.set { $0.isDown = true }
        let batches = Lines.batches(30, of: 23)
        let before = try one.output(down)
        for batch in batches[..<10] { before.offer(batch) }
        before.close(within: 0.05)
        let other = try TestSpool()
        try FileManager.default.removeItem(atPath: other.folder.path(""))
        try copy(one.folder.path(""), to: other.folder.path(""))
        let outputs = (try one.output(database), try other.output(database))
        for batch in batches[10..<20] { outputs.0.offer(batch) }
        for batch in batches[20...] { outputs.1.offer(batch) }
        outputs.0.close(within: nil)
        outputs.1.close(within: nil)
        #expect(database.numbers.sorted() == Array(0..<690))
    }

    private func copy(_ from: String, to: String) throws {
        try FileManager.default.copyItem(atPath: from, toPath: to)
    }

    @Test func whatIsTooOldIsNotDelivered() throws {
        var spool = try TestSpool(memory: 64 << 10)
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let first = try spool.output(sink)
        for batch in Lines.batches(300, of: 101) { first.offer(batch) }
        #expect(eventually { first.counts.waiting[.open] == 30300 })
        first.close(within: 0)
        for path in spool.segments {
            var times = [
                timeval(tv_sec: time(nil) - 8 * 86400, tv_usec: 0), timeval(tv_sec: time(nil) - 8 * 86400, tv_usec: 0),
            ]
            utimes(path, &times)
        }
        spool.settings.age = 7 * 86400
        let second = try spool.output(sink)
        second.offer(Lines.batches(1, of: 7)[0])
        #expect(eventually { second.status.earlier.forcedOut[.open] > 0 })
        sink.set { $0.isDown = false }
        second.close(within: nil)
        let status = second.status
        #expect(status.earlier.forcedOut[.open] + status.earlier.delivered[.open] == 30300)
        #expect(status.counts.delivered[.open] == 7)
    }

    @Test func anEventThatIsRefusedIsCountedAndTheRestGoesOn() throws {
        let spool = try TestSpool()
        let sink = NumberSink()
        sink.set { $0.refused = 31 }
        let output = try spool.output(sink)
        for batch in Lines.batches(10, of: 23) { output.offer(batch) }
        output.close(within: nil)
        #expect(sink.numbers == Array(0..<31) + Array(32..<230))
        #expect(output.counts.failed[.open] == 1)
        #expect(output.counts.delivered[.open] == 229)
    }

    @Test func strictlyFiveFailuresInARowAreTheEnd() throws {
        let spool = try TestSpool()
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        var retries = RetryPolicy.quick
        retries.limit = 5
        let output = try spool.output(sink, retries: retries)
        output.offer(Lines.batches(1, of: 23)[0])
        #expect(eventually { output.exhaustion != nil })
        #expect(output.exhaustion == SinkFailure("numbers: down"))
        #expect(sink.attempts == 5)
        output.close(within: 1)
        // Not delivered, and not lost either.
        #expect(output.counts.waiting[.open] == 23)
    }

    @Test func withoutADiskEventsWaitInMemoryAndThenInTheQueue() throws {
        let spool = try TestSpool(size: 0, memory: 1 << 20)
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let output = try spool.output(sink, waits: false)
        for batch in Lines.batches(300, of: 23) { output.offer(batch) }
        #expect(eventually { sink.attempts >= 2 })
        sink.set { $0.isDown = false }
        #expect(eventually { output.counts.delivered[.open] == 6900 })
        output.close(within: nil)
        #expect(sink.numbers == Array(0..<6900))
        #expect(spool.segments.isEmpty)
    }

    @Test func whatWaitsInMemoryAloneIsLostAtTheEndAndCounted() throws {
        let spool = try TestSpool(size: 0)
        let sink = NumberSink()
        sink.set { $0.left = 31 }
        let output = try spool.output(sink)
        for batch in Lines.batches(10, of: 23) { output.offer(batch) }
        #expect(eventually { output.counts.delivered[.open] == 31 && output.status.problem != nil })
        output.close(within: 0.1)
        let counts = output.counts
        #expect(counts.waiting.total == 0)
        #expect(counts.delivered[.open] == 31)
        #expect(counts.delivered[.open] + counts.failed[.open] == 230)
    }

    @Test func aPlainSinkGoesOnInTheMiddleOfABatch() throws {
        let spool = try TestSpool()
        let folder = spool.folder
        let sink = try FileSink(path: folder.path("events"), rotation: Rotation(), writer: Lines.writer)
        let output = try spool.output(PlainDelivery(sink))
        for batch in Lines.batches(50, of: 23) { output.offer(batch) }
        output.close(within: nil)
        #expect(try Lines.numbers(folder, "events") == Array(0..<1150))
    }
}
