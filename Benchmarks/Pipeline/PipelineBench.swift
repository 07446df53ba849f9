import Collector
import Engine
import Formats
import Glibc
import Model
import Rules

/// Runs a recording through the pipeline again and again.
struct PipelineBench: ~Copyable {
    private let recording: LoadedRecording
    private let options: Options
    private let pool = EventBatchPool()
    private var builder: EventBuilder
    private var matcher = RuleMatcher(RuleSet())
    private var engine = Engine(filter: EventFilter())
    private var writer: EventWriter
    private let areas: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>

    init(_ recording: LoadedRecording, _ options: Options) {
        self.recording = recording
        self.options = options
        builder = EventBuilder(node: recording.node)
        writer = EventFormat.json.makeWriter(node: recording.node, colored: false)
        areas = .allocate(capacity: options.batch)
        if !options.rules.isEmpty {
            let rules = RuleCollection.read([options.rules])
            precondition(rules.isRight, "\(rules.problems)")
            // What matches nothing stays, so that there is as much to encode.
            matcher = RuleMatcher(RuleSet(rules.set.rules, defaults: [.open: .pass]))
        }
        _ = run(recording.start, to: .encode)
    }

    deinit { areas.deallocate() }

    /// Measures passes, after one that warms up.
    mutating func run(_ stage: Options.Stage) -> [Pass] {
        _ = run(recording.steady, to: stage)
        return (0..<options.passes).map { _ in measure(stage) }
    }

    /// Encodes event by event, to see what each kind of event takes.
    mutating func sizes() -> [KindSize] {
        var sizes = EventKind.allCases.map { KindSize(kind: $0) }
        recording.steady.forEach(in: 0..<recording.steady.count) { record in
            let batch = pool.take()
            builder.accept(record, into: batch)
            engine.process(batch)
            guard let kind = batch.events.first?.kind else { return }
            sizes[Int(kind.rawValue) - 1].add(record: record.count, json: encode(batch))
        }
        return sizes.filter { $0.events > 0 }
    }

    /// How many new processes and programs there have been.
    private var executions: UInt64 { builder.built[.fork] + builder.built[.exec] }

    private mutating func measure(_ stage: Options.Stage) -> Pass {
        let executions = executions
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
            executions: self.executions - executions,
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
            if stage != .build {
                matcher.process(batch)
                engine.process(batch)
            }
            if stage == .encode { bytes += encode(batch) }
            if options.allocates { allocate(batch.events.count) }
            events += batch.events.count
        }
        return (events, bytes)
    }

    private mutating func encode(_ batch: EventBatch) -> Int {
        var bytes = 0
        writer.write(batch) { piece, _ in
            bytes += piece.count
            return true
        }
        return bytes
    }

    private func allocate(_ count: Int) {
        // All of them first: a pair of malloc and free that nobody looks at the compiler would leave out.
        for index in 0..<count { areas[index] = malloc(24) }
        for index in 0..<count { free(areas[index]) }
    }
}

/// One pass, as a line of `KEY=VALUE` pairs.
struct Pass: CustomStringConvertible {
    let stage: Options.Stage
    let events: Int
    let cpu: UInt64
    let wall: UInt64
    let recordBytes: Int
    let bytes: Int
    let executions: UInt64
    let allocations: UInt64?

    var description: String {
        "stage=\(stage.rawValue) events=\(events) executions=\(executions) cpu_ns=\(cpu) wall_ns=\(wall)"
            + " record_bytes=\(recordBytes) bytes=\(bytes)" + (allocations.map { " allocations=\($0)" } ?? "")
    }
}

/// What the events of a kind take, as a line of `KEY=VALUE` pairs.
struct KindSize: CustomStringConvertible {
    let kind: EventKind
    private(set) var events = 0
    private var recordBytes = 0
    private var bytes = 0

    init(kind: EventKind) { self.kind = kind }

    mutating func add(record: Int, json: Int) {
        events += 1
        recordBytes += record
        bytes += json
    }

    var description: String { "kind=\(kind.name) events=\(events) record_bytes=\(recordBytes) bytes=\(bytes)" }
}
