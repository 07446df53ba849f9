import Fixtures
import Glibc
import Model
import Outputs
import Testing

/// A store on a disk that fills up: whole batches are lost and counted, and writing goes on when there is room.
@Suite(.enabled(if: geteuid() == 0, "a small file system can be mounted by root alone"))
struct FullStoreTests {
    private final class SmallDisk {
        let folder: TemporaryFolder

        init(_ options: String) throws {
            folder = try TemporaryFolder()
            #expect(mkdir(folder.path("disk"), 0o700) == 0)
            try #require(mount("tmpfs", folder.path("disk"), "tmpfs", 0, options) == 0)
        }

        deinit { umount2(folder.path("disk"), Int32(MNT_DETACH)) }
    }

    @Test func aStoreGoesOnAfterAFullDisk() throws {
        let disk = try SmallDisk("size=1m")
        _ = try disk.folder.write([UInt8](repeating: 0, count: 400 << 10), to: "disk/filler")
        let path = disk.folder.path("disk/events.db")
        let runner = SinkRunner(
            try SQLiteSink(path: path, node: "node-1"),
            name: "events.db",
            waits: true,
            logger: Lines.quiet
        )
        let batches = Lines.batches(20, of: 100)
        for batch in batches { runner.offer(batch) }
        while runner.depth > 0 { usleep(1000) }
        let before = runner.counts
        #expect(before.failed.total > 0)
        #expect(before.delivered.total % 100 == 0)
        #expect(before.delivered.total + before.failed.total == 2000)
        unlink(disk.folder.path("disk/filler"))
        runner.offer(batches[19])
        runner.close(within: nil)
        #expect(runner.counts.delivered.total == before.delivered.total + 100)
        let rows = try StoreRows(StoreReader(path: path), sql: "SELECT count(*), max(detail) FROM events")
        #expect(try rows.next())
        let count = rows.texts().first.flatMap { $0.map { String(decoding: $0, as: UTF8.self) } }
        #expect(count == "\(runner.counts.delivered.total)")
    }

    @Test func aDiskThatIsFullFromTheBeginningIsTold() throws {
        let disk = try SmallDisk("size=64k")
        _ = try disk.folder.write([UInt8](repeating: 0, count: 56 << 10), to: "disk/filler")
        let path = disk.folder.path("disk/events.db")
        do throws(SinkFailure) {
            _ = try SQLiteSink(path: path, node: "node-1")
            Issue.record("there was room")
        } catch {
            #expect(error.description.contains("no space left on its disk: make room"), "\(error)")
        }
    }

    @Test func aPlaceThatCannotBeWrittenIsTold() throws {
        let disk = try SmallDisk("size=64k")
        #expect(mount(nil, disk.folder.path("disk"), nil, UInt(MS_REMOUNT | MS_RDONLY), nil) == 0)
        let path = disk.folder.path("disk/events.db")
        do throws(SinkFailure) {
            _ = try SQLiteSink(path: path, node: "node-1")
            Issue.record("it was written")
        } catch {
            #expect(error.description.hasPrefix("\(path): Read-only file system: look at the permissions"))
        }
    }
}
