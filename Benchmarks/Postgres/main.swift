import Fixtures
import Glibc
import Logging
import Model
import Outputs

// Opens in memory, through the sink and martlet-postgres into a server: how fast, and what the agent's side costs.

let origin = StreamOrigin(node: "bench", boot: Array(0..<16), start: 1)

do {
    let options = try Options(CommandLine.arguments.dropFirst())
    var target = PostgresTarget()
    target.conninfo = options.conninfo
    target.host = "bench"
    let sink = PostgresSink(
        target,
        name: "postgres",
        launcher: try ProgramLauncher(ProgramLauncher.find("martlet-postgres"), uid: geteuid(), gid: getegid()),
        logger: Logger(label: "bench") { StreamLogHandler.standardError(label: $0) }
    )
    let load = OpenLoad(events: options.events, processes: options.processes, paths: options.paths)
    try write(load.warmUp, into: sink, from: 0, by: 1)
    let (wall, cpu) = (clock(CLOCK_MONOTONIC), clock(CLOCK_PROCESS_CPUTIME_ID))
    try write(load.batches, into: sink, from: 1, by: options.transaction)
    let pass = (wall: clock(CLOCK_MONOTONIC) - wall, cpu: clock(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    print("events=\(options.events) wall_ns=\(pass.wall) cpu_ns=\(pass.cpu)")
    fflush(nil)
    // Whoever asked looks at the other processes before they go.
    while getchar() != EOF {}
    sink.finish { false }
} catch {
    let line = "PostgresBench: \(error)\n"
    write(STDERR_FILENO, line, line.utf8.count)
    exit(1)
}

/// Writes batches, so many a transaction.
func write(_ batches: [EventBatch], into sink: PostgresSink, from frame: UInt64, by count: Int) throws {
    for begin in stride(from: 0, to: batches.count, by: count) {
        let part = batches[begin..<min(begin + count, batches.count)].enumerated().map {
            SpooledBatch(frame: frame + UInt64(begin + $0), origin: origin, batch: $1)
        }
        let result = sink.write(part, from: SpoolPosition(frame: frame + UInt64(begin), events: 0)) { false }
        if let problem = result.problem { throw Options.Failure(description: "\(problem)") }
    }
}

func clock(_ id: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(id, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
