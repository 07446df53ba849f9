import Collector
import Engine
import Formats
import Model

/// What reading costs by the number of rings: filled, then read as the agent's collector reads them, by this one core.
final class MergeSimulation {
    /// How many opens lie in the rings before the reader looks.
    static let opensPerFill = 16384

    private let rings: SimulatedRings
    private let load: SimulatedLoad
    private let title: (rings: Int, run: Int)
    private let pool = EventBatchPool()
    private var merge: LaneMerge
    private var builder: EventBuilder
    private var engine = Engine(filter: EventFilter())
    private var writer: EventWriter

    init(_ recording: LoadedRecording, rings count: Int, run: Int) throws {
        title = (count, run)
        load = try SimulatedLoad(recording, rings: count, count: Self.opensPerFill, run: run)
        rings = try SimulatedRings(count: count, bytes: load.byteCount)
        merge = LaneMerge(lanes: rings.lanes, limit: Collector.batchLimit)
        builder = EventBuilder(node: recording.node)
        writer = EventFormat.json.makeWriter(node: recording.node, colored: false)
        let batch = pool.take()
        load.executions.forEach(in: 0..<load.executions.count) { builder.accept($0, into: batch) }
    }

    /// Measures passes of some `opens`, after one fill that warms up.
    func run(_ stage: Options.Stage, passes: Int, opens: Int) throws -> [MergePass] {
        _ = try pass(stage, fills: 1)
        return try (0..<passes).map { _ in try pass(stage, fills: max(1, opens / Self.opensPerFill)) }
    }

    private func pass(_ stage: Options.Stage, fills: Int) throws -> MergePass {
        var pass = MergePass(rings: title.rings, run: title.run, stage: stage)
        let late = builder.late
        for _ in 0..<fills {
            load.stamp(gap: 1000)
            try rings.fill(load.entries[...])
            let begin = Meter.threadTime()
            while true {
                let batch = pool.take()
                let count = merge.take(upTo: .max, with: &builder, into: batch)
                if stage != .build { engine.process(batch) }
                if stage == .encode { writer.write(batch) { _, _ in true } }
                pass.events += batch.events.count
                if count < Collector.batchLimit { break }
            }
            pass.cpu += Meter.threadTime() - begin
        }
        pass.late = builder.late - late
        return pass
    }
}

/// One pass, as a line of `KEY=VALUE` pairs.
struct MergePass: CustomStringConvertible {
    let rings: Int
    let run: Int
    let stage: Options.Stage
    var events = 0
    var cpu: UInt64 = 0
    var late: UInt64 = 0

    var description: String {
        "rings=\(rings) run=\(run) stage=\(stage.rawValue) events=\(events) cpu_ns=\(cpu) late=\(late)"
    }
}
