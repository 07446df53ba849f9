import Collector
import Fixtures
import Foundation
import Glibc
import Logging
import Model
import Outputs

/// An agent without a kernel, to be killed: sends numbered opens through a spool to PostgreSQL, as fast as it is told.
///
/// `sender SPOOL CONNINFO HELPER COUNTERS UNTIL RATE`: numbers go on where the file of counters says that the last one ended, up
/// to UNTIL. The file holds two numbers: how many were begun to be offered, and how many were offered. RATE is events per
/// second; 0: nothing is made, and it ends when all is delivered.
@main
struct Sender {
    private static let size = 101

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 7, let until = Int(arguments[5]), let rate = Int(arguments[6]) else {
            throw SinkFailure("sender SPOOL CONNINFO HELPER COUNTERS UNTIL RATE")
        }
        signal(SIGPIPE, SIG_IGN)
        let launcher = try ProgramLauncher(arguments[3], uid: geteuid(), gid: getegid())
        let counters = try map(arguments[4])
        var logger = Logger(label: "sender") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .notice
        var settings = SpoolSettings()
        settings.folder = arguments[1]
        let start = BootClock.now()
        let origin = StreamOrigin(node: "sender", boot: [UInt8](repeating: 7, count: 16), start: start)
        let spool = try Spool(name: "postgres", settings, origin: origin, logger: logger)
        var target = PostgresTarget()
        target.conninfo = arguments[2]
        target.host = "sender"
        let sink = PostgresSink(target, name: "postgres", launcher: launcher, logger: logger)
        var retries = RetryPolicy()
        retries.longest = 0.5
        let output = SpooledOutput(spool, sink, retries: retries, logger: logger)
        if rate > 0 { send(output, counters, until, rate) }
        output.close(within: nil)
        let status = output.status
        print(
            "delivered \(status.counts.delivered.total + status.earlier.delivered.total)",
            "lost \(status.counts.lostTotal)",
            "killed \(status.earlier.killed.total)"
        )
    }

    private static func send(
        _ output: SpooledOutput,
        _ counters: UnsafeMutablePointer<UInt64>,
        _ until: Int,
        _ rate: Int
    ) {
        let pipeline = Pipeline(node: "sender")
        let who = Who(40, start: 4000)
        output.offer(pipeline.batch([Records.clock(wall: BootClock.wallOffset(), at: 1)]))
        let begun = BootClock.now()
        var sent = 0
        while counters[0] < until {
            let first = Int(counters[0])
            let now = BootClock.now()
            let batch = pipeline.batch(
                (first..<first + size).map { Records.open(who, at: now, name: "x", path: "/n/\($0)") }
            )
            counters[0] = UInt64(first + size)
            output.offer(batch)
            counters[1] = UInt64(first + size)
            sent += size
            let due = begun + UInt64(Double(sent) / Double(rate) * 1e9)
            let ahead = Int64(bitPattern: due &- BootClock.now())
            if ahead > 0 { usleep(UInt32(min(ahead / 1000, 100_000))) }
        }
    }

    /// Outlives the process, however it ends.
    private static func map(_ path: String) throws -> UnsafeMutablePointer<UInt64> {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, 4096) == 0 else { throw SinkFailure("\(path): \(errno)") }
        guard let area = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), area != MAP_FAILED else {
            throw SinkFailure("\(path): \(errno)")
        }
        close(file)
        return area.assumingMemoryBound(to: UInt64.self)
    }
}
