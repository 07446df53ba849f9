import Collector
import Engine
import Formats
import Glibc
import Model

/// Runs a recording through the pipeline again and again.
struct PipelineBench: ~Copyable {
    private let recording: LoadedRecording
    private let options: Options
    private let pool = EventBatchPool()
    private var builder: EventBuilder
    private var engine = Engine(filter: EventFilter())
    private var writer: EventWriter

    init(_ recording: LoadedRecording, _ options: Options) {
        self.recording = recording
        self.options = options
        builder = EventBuilder(node: recording.node)
        writer = EventFormat.json.makeWriter(node: recording.node, colored: false)
        _ = run(recording.start, to: .encode)
    }

    /// Measures passes, after one that warms up.
    mutating func run(_ stage: Options.Stage) -> [Pass] {
        _ = run(recording.steady, to: stage)
        return (0..<options.passes).map { _ in measure(stage) }
    }

    private mutating func measure(_ stage: Options.Stage) -> Pass {
        let allocations = Meter.allocations()
        let wall = Meter.wallTime()
        let thread = Meter.threadTime()
        let (events, bytes) = run(recording.steady, to: stage)
        let pass = Pass(
            stage: stage,
            events: events,
            cpu: Meter.threadTime() - thread,
            wall: Meter.wallTime() - wall,
            recordBytes: recording.steady.byteCount,
            bytes: bytes,
            allocations: allocations.flatMap { before in Meter.allocations().map { $0 - before } }
        )
        return pass
    }

    private mutating func run(_ records: Records, to stage: Options.Stage) -> (events: Int, bytes: Int) {
        var events = 0
        var bytes = 0
        for begin in stride(from: 0, to: records.count, by: options.batch) {
            let batch = pool.take()
            records.forEach(in: begin..<min(begin + options.batch, records.count)) { builder.accept($0, into: batch) }
            if stage != .build { engine.process(batch) }
            if stage == .encode {
                writer.write(batch) { piece, _ in
                    bytes += piece.count
                    return true
                }
            }
            if options.allocates { Self.allocate(batch.events.count) }
            events += batch.events.count
        }
        return (events, bytes)
    }

    private static func allocate(_ count: Int) {
        for _ in 0..<count {
            let area = malloc(24)
            // Nobody else looks at it, so without this the compiler would leave both calls out.
            withExtendedLifetime(escape(area)) {}
            free(area)
        }
    }

    @inline(never)
    @_optimize(none)
    private static func escape(_ area: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? { area }
}

/// One pass, as a line of `KEY=VALUE` pairs.
struct Pass: CustomStringConvertible {
    let stage: Options.Stage
    let events: Int
    let cpu: UInt64
    let wall: UInt64
    let recordBytes: Int
    let bytes: Int
    let allocations: UInt64?

    var description: String {
        "stage=\(stage.rawValue) events=\(events) cpu_ns=\(cpu) wall_ns=\(wall) record_bytes=\(recordBytes) bytes=\(bytes)"
            + (allocations.map { " allocations=\($0)" } ?? "")
    }
}
