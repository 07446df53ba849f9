import Fixtures
import Formats
import Glibc
import Logging
import Model
import Outputs

// Opens in memory, through queue and spool: how fast they come to disk while the sink is away, how fast back, and what that
// costs a file beside it.

/// Fails, or takes all and keeps nothing.
final class Drain: PositionedSink {
    let isDown: Bool

    init(isDown: Bool) { self.isDown = isDown }

    func write(_ batches: [SpooledBatch], from position: SpoolPosition, isUrgent: () -> Bool) -> PositionedResult {
        if isDown { return PositionedResult(position, .failed(SinkFailure("away"))) }
        return PositionedResult(batches.last.map { SpoolPosition(frame: $0.frame + 1, events: 0) } ?? position)
    }

    func finish(isUrgent: () -> Bool) {}
}

func fail(_ text: String, _ status: Int32) -> Never {
    let line = text + "\n"
    write(STDERR_FILENO, line, line.utf8.count)
    exit(status)
}

let quiet = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
let arguments = CommandLine.arguments
guard arguments.count == 3, let events = Int(arguments[2]), events > 0 else {
    fail("usage: SpoolBench FOLDER EVENTS", 64)
}
let folder = arguments[1]
let load = OpenLoad(events: events)

func spool(_ name: String) throws -> Spool {
    var settings = SpoolSettings()
    settings.folder = folder
    settings.size = 8 << 30
    return try Spool(name: name, settings, origin: StreamOrigin(node: "bench", boot: [], start: 1), logger: quiet)
}

/// ns of the wall and of the CPUs that something takes.
func measure(_ body: () throws -> Void) rethrows -> (wall: UInt64, cpu: UInt64) {
    let begun = (clock(CLOCK_MONOTONIC), clock(CLOCK_PROCESS_CPUTIME_ID))
    try body()
    return (clock(CLOCK_MONOTONIC) - begun.0, clock(CLOCK_PROCESS_CPUTIME_ID) - begun.1)
}

func clock(_ id: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(id, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// All of the load to outputs that wait for room, until the first has written it.
func send(to outputs: [any Output]) -> (wall: UInt64, cpu: UInt64) {
    measure {
        for batch in load.batches { for output in outputs { output.offer(batch) } }
        outputs[0].close(within: nil)
    }
}

func file(_ name: String) throws -> any Output {
    let writer = EventFormat.json.makeWriter(node: "bench", colored: false)
    let sink = try FileSink(path: "\(folder)/\(name)", rotation: Rotation(), writer: writer)
    return SinkRunner(sink, name: name, waits: true, logger: quiet)
}

func tell(_ what: String, _ time: (wall: UInt64, cpu: UInt64)) {
    print("\(what)=\(time.wall) \(what)_cpu=\(time.cpu)", terminator: " ")
}

do {
    let away = SpooledOutput(try spool("away"), Drain(isDown: true), waits: true, retries: .degrade, logger: quiet)
    let written = measure {
        for batch in load.batches { away.offer(batch) }
        while away.counts.waiting.total < UInt64(events) { usleep(1000) }
    }
    let bytes = away.status.spool?.bytes ?? 0
    away.close(within: 0)
    let back = SpooledOutput(try spool("away"), Drain(isDown: false), waits: true, retries: .degrade, logger: quiet)
    let read = measure { back.close(within: nil) }
    guard back.status.earlier.delivered.total == UInt64(events) else { throw SinkFailure("not all came back") }
    tell("write", written)
    tell("read", read)
    tell("alone", send(to: [try file("alone")]))
    let down = SpooledOutput(try spool("down"), Drain(isDown: true), waits: false, retries: .degrade, logger: quiet)
    let beside = try file("beside")
    tell("beside", send(to: [beside, down]))
    let lost = (file: beside.counts.lostTotal, spool: down.counts.lostTotal)
    down.close(within: 0)
    print("bytes=\(bytes) lost=\(lost.file) away_lost=\(lost.spool)")
} catch {
    fail("SpoolBench: \(error)", 1)
}
