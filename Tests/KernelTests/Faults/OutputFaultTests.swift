import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct OutputFaultTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// The books of a run whose output fails must still add up.
        private func expectBalanced(_ books: Books, _ reason: String) {
            for (kind, row) in books.rows {
                #expect(row.produced == row.written + row.filtered + row.lost, "\(kind)")
            }
            #expect(books.unexplained == [])
            #expect(Set(books.lost.keys) == [reason])
        }

        @Test func `To a full device every event is lost, counted, and told by the exit status; the run goes on`()
            throws
        {
            let run = try AgentRun("open", output: "/dev/full")
            try workload("open", "1009", "/etc/hostname")
            run.child.signal(SIGINT)
            let outcome = try run.child.wait()
            #expect(outcome.code == 1)
            let books = Books(outcome.errors)
            expectBalanced(books, "sink_failed")
            #expect(books.row("open").written == 0)
            #expect(books.row("open").lost == books.row("open").produced)
            #expect(books.row("open").produced >= 1009)
            #expect(outcome.errors.contains("No space left on device"))
        }

        @Test func `On a full disk events wait, and all are there when there is room again`() throws {
            _ = try folder.makeFolder("disk")
            #expect(mount("none", folder("disk"), "tmpfs", 0, "size=64m") == 0)
            defer { umount2(folder("disk"), Int32(MNT_DETACH)) }
            try shell("head -c 66900000 /dev/zero > \(folder("disk/filler"))")
            let run = try AgentRun("open", ["--to", folder("disk/events")])
            try workload("open", "2003", "/etc/hostname")
            #expect(eventually { run.child.errors.contains("No space left on device") })
            usleep(2_000_000)
            #expect(!run.child.errors.contains("writes again"))
            try shell("rm \(folder("disk/filler"))")
            #expect(eventually { run.child.errors.contains("writes again") })
            run.child.signal(SIGINT)
            let outcome = try run.child.wait()
            #expect(outcome.code == 0, "\(outcome.errors)")
            let books = Books(outcome.errors)
            #expect(books.row("open").lost == 0)
            let events = try AgentRun.parse(Machine.contents(folder("disk/events")))
            #expect(books.row("open").written == events.count { $0.kind == "process_file" })
            #expect(books.row("open").written == books.row("open").produced)
            #expect(books.row("open").produced >= 2003)
        }

        @Test func `Strictly, a disk that stays full is the end`() throws {
            _ = try folder.makeFolder("disk")
            #expect(mount("none", folder("disk"), "tmpfs", 0, "size=64k") == 0)
            defer { umount2(folder("disk"), Int32(MNT_DETACH)) }
            let run = try AgentRun("open", ["--to", folder("disk/events"), "--strict"])
            try workload("open", "2003", "/etc/hostname")
            let outcome = try run.child.wait()
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("No space left on device; it failed too often in a row"))
            expectBalanced(Books(outcome.errors), "sink_failed")
        }

        @Test func `A recording that its disk refuses is told apart from the events, and by the exit status`() throws {
            _ = try folder.makeFolder("disk")
            #expect(mount("none", folder("disk"), "tmpfs", 0, "size=64k") == 0)
            defer { umount2(folder("disk"), Int32(MNT_DETACH)) }
            let run = try AgentRun("open", ["--record", folder("disk/recording")])
            try workload("open", "\(Machine.scaled(50021, least: 20011))", "/etc/hostname")
            let result = try run.stop()
            #expect(result.outcome.code == 1)
            #expect(result.outcome.errors.contains(" events are not in the recording"))
            #expect(result.outcome.errors.contains("No space left on device"))
            #expect(result.books.totalLost == 0)
            let row = result.books.row("open")
            #expect(row.written == row.produced)
        }

        @Test func `A file that cannot be written is refused before anything is loaded`() throws {
            for place in [folder("missing/events"), folder.path] {
                let outcome = try Child([try Products.martlet(), "run", "--to", place, "--duration", "1"]).wait()
                #expect(outcome.code == 1)
                #expect(outcome.errors.contains(place))
            }
        }

        @Test func `A consumer that stops reading costs events of the queue alone, and never the end`() throws {
            let (reader, writer) = try pipe()
            let run = try AgentRun("open", outputDescriptor: writer)
            close(writer)
            // Nobody reads: the pipe fills up, then the queue of 131,072 events.
            let opens = 300_007
            try workload("open", "\(opens)", "/etc/hostname")
            let clock = ContinuousClock()
            let begun = clock.now
            run.child.signal(SIGINT)
            let outcome = try run.child.wait(seconds: 30)
            #expect(clock.now - begun < .seconds(5))
            #expect(outcome.code == 0)
            let books = Books(outcome.errors)
            expectBalanced(books, "queue_full")
            let read = String(
                decoding: FileHandle(fileDescriptor: reader, closeOnDealloc: true).readDataToEndOfFile(),
                as: UTF8.self
            )
            // The last line may be cut: it is not one that was written.
            let lines = read.split(separator: "\n", omittingEmptySubsequences: false).count - 1
            #expect(books.row("open").written == lines)
            #expect(books.row("open").produced >= opens)
        }

        private func pipe() throws -> (reader: Int32, writer: Int32) {
            var ends: [Int32] = [0, 0]
            guard Glibc.pipe(&ends) == 0 else { throw Child.Failure(description: "pipe: \(errno)") }
            // The agent gets the writer alone, as its standard output.
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (ends[0], ends[1])
        }
    }
}
