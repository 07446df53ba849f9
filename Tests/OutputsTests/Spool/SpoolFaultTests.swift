import CWire
import Fixtures
import Foundation
import Glibc
import Model
import Outputs
import Testing

/// Damage, other programs, full disks: what can be read is delivered, what cannot is counted to the event.
@Suite struct SpoolFaultTests {
    /// Leaves 100 batches of 23 events in a spool, in several segments.
    private func filled(memory: Int = 1 << 20) throws -> (TestSpool, NumberSink) {
        let spool = try TestSpool(size: 1 << 20, memory: memory)
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let output = try spool.output(sink)
        for batch in Lines.batches(100, of: 23) { output.offer(batch) }
        #expect(eventually { output.counts.waiting[.open] == 2300 })
        output.close(within: 0)
        sink.set { $0.isDown = false }
        return (spool, sink)
    }

    private func drained(_ spool: TestSpool, _ sink: NumberSink) throws -> OutputStatus {
        let output = try spool.output(sink)
        output.close(within: nil)
        return output.status
    }

    private func damage(_ path: String, at offset: Int, _ bytes: [UInt8]) {
        let file = open(path, O_WRONLY)
        pwrite(file, bytes, bytes.count, off_t(offset))
        close(file)
    }

    @Test(arguments: [600, 1000, 3000, 5000, 9001, 20000])
    func aDamagedPlaceCostsItsFrameAndNoMore(offset: Int) throws {
        let (spool, sink) = try filled()
        damage(try #require(spool.segments.first), at: offset, Array("damage in the middle".utf8))
        let status = try drained(spool, sink)
        let lost = Int(status.earlier.damaged[.open])
        #expect(lost > 0 && lost <= 46)
        #expect(lost % 23 == 0)
        #expect(sink.numbers.count + lost == 2300)
        #expect(sink.numbers == sink.numbers.sorted())
        #expect(Set(sink.numbers).count == sink.numbers.count)
        #expect(status.earlier.delivered[.open] == UInt64(2300 - lost))
    }

    @Test(arguments: 0..<40) func whateverIsDamagedAllIsDeliveredOrCounted(seed: Int) throws {
        let (spool, sink) = try filled()
        var random = SystemRandomNumberGenerator()
        var harm: [String] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard let path = spool.segments.randomElement(using: &random) else { break }
            var information = stat()
            stat(path, &information)
            let offset = Int.random(in: 0..<max(1, Int(information.st_size)), using: &random)
            let name = path.suffix(12)
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                truncate(path, off_t(offset))
                harm.append("\(name) cut at \(offset)")
            case 1:
                unlink(path)
                harm.append("\(name) removed")
            default:
                let bytes = (0..<Int.random(in: 1...300)).map { _ in UInt8.random(in: 0...255, using: &random) }
                damage(path, at: offset, bytes)
                harm.append("\(name) \(bytes.count) bytes at \(offset)")
            }
        }
        let status = try drained(spool, sink)
        let lost = status.earlier.damaged[.open] + status.earlier.killed[.open]
        #expect(status.earlier.delivered[.open] + lost == 2300, "\(harm)")
        #expect(sink.numbers.count == Int(status.earlier.delivered[.open]), "\(harm)")
        #expect(sink.numbers == sink.numbers.sorted() && Set(sink.numbers).count == sink.numbers.count, "\(harm)")
        // What was found to be missing at the end is told by the next.
        _ = try drained(spool, sink)
        #expect(sink.losses.values.reduce(0, +) == lost, "\(harm)")
    }

    @Test func deliveryGoesOnAfterDamageAlsoWhenNothingComesForAWhile() throws {
        let (spool, sink) = try filled()
        for path in spool.segments { damage(path, at: 456, [UInt8](repeating: 7, count: 100_000)) }
        let output = try spool.output(sink)
        usleep(500_000)
        output.offer(Lines.batches(1, of: 7)[0])
        #expect(eventually { output.counts.delivered[.open] == 7 })
        output.close(within: nil)
        #expect(output.status.earlier.delivered[.open] + output.status.earlier.lostTotal == 2300)
    }

    @Test func theSameDamageIsCountedAndToldOnceHoweverManyAgentsFollow() throws {
        let (spool, sink) = try filled()
        damage(try #require(spool.segments.first), at: 3000, Array("damage in the middle".utf8))
        sink.set { $0.isDown = true }
        var lost: UInt64 = 0
        for _ in 0..<3 {
            let next = try spool.output(sink)
            // As far as the damage at least.
            #expect(eventually { sink.attempts > 1 })
            next.close(within: 0.01)
            lost += next.status.earlier.lostTotal
        }
        sink.set { $0.isDown = false }
        let last = try spool.output(sink)
        last.close(within: nil)
        lost += last.status.earlier.lostTotal
        #expect(lost > 0 && lost % 23 == 0)
        #expect(sink.numbers.count + Int(lost) == 2300)
        #expect(sink.losses.values.reduce(0, +) == lost, "\(sink.losses)")
    }

    @Test func aSegmentThatIsGoneIsCounted() throws {
        let (spool, sink) = try filled()
        let segments = spool.segments
        try #require(segments.count > 2)
        unlink(segments[1])
        let status = try drained(spool, sink)
        #expect(status.earlier.damaged[.open] > 0)
        #expect(status.earlier.damaged[.open] + status.earlier.delivered[.open] == 2300)
        #expect(sink.numbers.count == Int(status.earlier.delivered[.open]))
    }

    @Test func aSegmentOfAnotherVersionIsPutAsideAndCounted() throws {
        let (spool, sink) = try filled()
        let segments = spool.segments
        damage(segments[0], at: 8, [99, 0, 0, 0])
        let status = try drained(spool, sink)
        #expect(access(segments[0] + ".unreadable", F_OK) == 0)
        #expect(status.earlier.damaged[.open] > 0)
        #expect(status.earlier.damaged[.open] + status.earlier.delivered[.open] == 2300)
    }

    @Test func whatIsCutOffAfterAnOrderlyEndIsDamage() throws {
        let (spool, sink) = try filled()
        let last = try #require(spool.segments.last)
        var information = stat()
        stat(last, &information)
        truncate(last, information.st_size - 100)
        let status = try drained(spool, sink)
        #expect(sink.numbers == Array(0..<2277))
        #expect(sink.losses == ["open spool_damaged": 23])
        #expect(status.earlier.damaged[.open] == 23)
    }

    @Test func aLostStateFileCostsNothingThatIsInTheSegments() throws {
        let (spool, sink) = try filled()
        unlink(spool.settings.folder + "/numbers/state")
        // Its segments name another stream than the new state does.
        let status = try drained(spool, sink)
        #expect(status.earlier.delivered[.open] == 2300)
        #expect(sink.numbers == Array(0..<2300))
    }

    @Test(arguments: 0..<60) func aDamagedStateCostsNothingThatIsInTheSegmentsAndEndsNoAgent(seed: Int) throws {
        let (spool, sink) = try filled()
        let path = spool.settings.folder + "/numbers/state"
        for _ in 0..<Int.random(in: 1...3) {
            let bytes = (0..<Int.random(in: 1...40)).map { _ in UInt8.random(in: 0...255) }
            damage(
                path,
                at: Int.random(in: 0..<1600),
                seed % 3 == 0 ? [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] : bytes
            )
        }
        let status = try drained(spool, sink)
        #expect(sink.numbers == Array(0..<2300))
        #expect(status.earlier.delivered[.open] == 2300)
    }

    @Test func aNumberThatNoFrameHasIsDamage() throws {
        let (spool, sink) = try filled()
        let path = try #require(spool.segments.first)
        // The second frame's number; then its header is not sound any more.
        let (segment, frame) = (584, 288)
        var header = [UInt8](repeating: 0, count: segment + frame)
        let file = Glibc.open(path, O_RDONLY)
        pread(file, &header, header.count, 0)
        let length = header[segment + 4..<segment + 8].withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) }
        close(file)
        damage(path, at: segment + frame + length + 16, [UInt8](repeating: 0xff, count: 8))
        let status = try drained(spool, sink)
        #expect(status.earlier.damaged[.open] == 23)
        #expect(sink.numbers == Array(0..<23) + Array(46..<2300))
    }

    @Test func damagedExecutionsDoNotMakeEventsAnotherProcess() throws {
        let spool = try TestSpool(size: 1 << 20)
        let folder = spool.folder
        let pipeline = Pipeline()
        let batches = (0..<30).map { number -> EventBatch in
            let who = Who(UInt32(100 + number), start: UInt64(1000 + number))
            return pipeline.batch([
                Records.exec(who, of: Who(1, start: 1), at: UInt64(10_000 * (number + 1)), binary: "/bin/p\(number)"),
                Records.open(who, at: UInt64(10_000 * (number + 1) + 5), name: "n\(number)", path: nil),
            ])
        }
        let down = NumberSink()
        down.set { $0.isDown = true }
        let first = try spool.output(down)
        for batch in batches { first.offer(batch) }
        #expect(eventually { first.counts.waiting[.open] == 30 })
        first.close(within: 0)
        damage(try #require(spool.segments.first), at: 4000, Array("damage".utf8))
        let sink = try FileSink(path: folder.path("events"), rotation: Rotation(), writer: Lines.writer)
        let output = try spool.output(PlainDelivery(sink))
        output.close(within: nil)
        let text = String(decoding: folder.read("events") ?? [], as: UTF8.self)
        var opens = 0
        for line in text.split(separator: "\n") {
            let event = try JSON(parsing: String(line))
            guard let name = event.process_file.name.text else { continue }
            opens += 1
            let binary = event.process_file.process.binary.text
            #expect(binary == nil || binary == "/bin/p\(name.dropFirst())")
        }
        #expect(opens == Int(output.status.earlier.delivered[.open]))
        #expect(opens >= 27)
    }

    @Test func aSecondAgentIsKeptAway() throws {
        let spool = try TestSpool()
        let first = try spool.open()
        do throws(SinkFailure) {
            _ = try spool.open()
            Issue.record("two agents in one spool")
        } catch {
            #expect(
                error.description.hasSuffix("another martlet uses this spool: end it, or choose another --spool-dir")
            )
        }
        withExtendedLifetime(first) {}
    }

    @Test func aFolderThatOthersMayWriteInIsRefused() throws {
        let spool = try TestSpool()
        mkdir(spool.settings.folder, 0o700)
        mkdir(spool.settings.folder + "/numbers", 0o700)
        chmod(spool.settings.folder + "/numbers", 0o777)
        do throws(SinkFailure) {
            _ = try spool.open()
            Issue.record("it was taken")
        } catch {
            #expect(error.description.contains("others may write in it: chown and chmod 700 it"))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "a small file system can be mounted by root alone"))
    func aFullDiskCostsNothingAsLongAsThereIsMemory() throws {
        var spool = try TestSpool(size: 1 << 20, memory: 16 << 20)
        mkdir(spool.folder.path("disk"), 0o700)
        try #require(mount("tmpfs", spool.folder.path("disk"), "tmpfs", 0, "size=128k,mode=700") == 0)
        defer { umount2(spool.folder.path("disk"), Int32(MNT_DETACH)) }
        spool.settings.folder = spool.folder.path("disk")
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let output = try spool.output(sink)
        for batch in Lines.batches(100, of: 101) { output.offer(batch) }
        #expect(eventually { output.counts.waiting[.open] == 10100 })
        #expect(output.status.spool?.problem?.contains("No space left on device") == true)
        sink.set { $0.isDown = false }
        #expect(eventually { output.counts.delivered[.open] == 10100 })
        for batch in Lines.batches(1, of: 7) { output.offer(batch) }
        output.close(within: nil)
        #expect(output.counts.delivered[.open] == 10107)
        #expect(sink.numbers == Array(0..<10100) + Array(0..<7))
        #expect(output.counts.lostTotal == 0)
    }

    @Test(.enabled(if: geteuid() == 0, "a small file system can be mounted by root alone"))
    func whatAFullDiskDidNotTakeIsLostAtTheEndAndToldOnce() throws {
        var spool = try TestSpool(size: 1 << 20, memory: 16 << 20)
        mkdir(spool.folder.path("disk"), 0o700)
        try #require(mount("tmpfs", spool.folder.path("disk"), "tmpfs", 0, "size=128k,mode=700") == 0)
        defer { umount2(spool.folder.path("disk"), Int32(MNT_DETACH)) }
        spool.settings.folder = spool.folder.path("disk")
        let sink = NumberSink()
        sink.set { $0.isDown = true }
        let first = try spool.output(sink)
        for batch in Lines.batches(100, of: 101) { first.offer(batch) }
        #expect(eventually { first.counts.waiting[.open] == 10100 })
        first.close(within: 0.1)
        let lost = first.counts.failed[.open]
        #expect(lost > 0)
        #expect(first.counts.waiting[.open] + lost == 10100)
        sink.set { $0.isDown = false }
        let second = try spool.output(sink)
        second.close(within: nil)
        #expect(second.status.earlier.delivered[.open] == 10100 - lost)
        #expect(second.status.earlier.lostTotal == 0)
        #expect(sink.losses == ["open sink_failed": lost])
        #expect(sink.numbers == Array(0..<(10100 - Int(lost))))
    }
}
