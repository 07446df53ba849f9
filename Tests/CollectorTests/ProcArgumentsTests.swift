import CWire
import Collector
import Fixtures
import Foundation
import Glibc
import Testing

/// Arguments of processes that ran before the agent, from `/proc`.
@Suite struct ProcArgumentsTests {
    /// A process as the snapshot finds it: its start is in its `stat`, in hundredths of a second.
    private func who(_ process: Int32) throws -> Who {
        let stat = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        let fields = try #require(stat.split(separator: ")").last).split(separator: " ")
        let tick = 1_000_000_000 / UInt64(sysconf(Int32(_SC_CLK_TCK)))
        return Who(UInt32(process), start: try #require(UInt64(fields[19])) * tick + tick / 2)
    }

    private func snapshot(_ who: Who) throws -> JSON {
        var record = Records.snapshot(who, of: Who(1, start: 0), at: 1, args: [])
        ProcArguments.add(to: &record)
        return try #require(try Pipeline().json([record]).first).process_snapshot.process
    }

    @Test func theArgumentsOfARunningProcessAreAddedAndMarked() throws {
        let process = try snapshot(who(getpid()))
        #expect(process.argv.texts == CommandLine.arguments)
        #expect(process.marks.texts == ["source_proc"])
        #expect(process.binary.text == "/usr/sbin/init")
    }

    @Test func anotherProcessOfThatNumberKeepsItsArguments() throws {
        var other = try who(getpid())
        other.start -= 1_000_000_000
        let process = try snapshot(other)
        #expect(process.argv.isAbsent)
        #expect(process.marks.isAbsent)
    }

    @Test func aProcessThatIsGoneHasNone() throws {
        #expect(try snapshot(Who(4_194_304, start: 1)).argv.isAbsent)
    }

    @Test func argumentsThatAreTooLongAreCutAndMarked() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sleep")
        // It sleeps for the sum of them.
        process.arguments = ["60"] + Array(repeating: String(repeating: "0", count: 99), count: 100)
        try process.run()
        defer { process.terminate() }
        func read(_ name: String) throws -> String {
            try String(contentsOfFile: "/proc/\(process.processIdentifier)/\(name)", encoding: .utf8)
        }
        // The kernel sets the name first, and the arguments a moment later.
        while try read("comm") != "sleep\n" || read("cmdline").isEmpty { usleep(1000) }
        let found = try snapshot(who(process.processIdentifier))
        #expect(found.marks.texts == ["args_truncated", "source_proc"])
        let argv = try #require(found.argv.texts)
        #expect(argv.prefix(2) == ["/bin/sleep", "60"])
        #expect(argv.map { $0.utf8.count + 1 }.reduce(-1, +) == ProcArguments.limit)
    }
}
