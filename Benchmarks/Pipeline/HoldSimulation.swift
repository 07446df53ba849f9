import Collector
import Model

/// What the hold does with records that reach their ring late, in a time of its own: the reader looks every 4 ms.
///
/// A few records arrive so much later than they were stamped, as when their CPU was taken away in between. The others
/// arrive at once, also in the same ring, from other CPUs; or, where the ring is written by one CPU, behind the straggler.
/// Nothing here is measured: the same comes out on any machine.
final class HoldSimulation {
    static let opens = 65536
    /// 100,000 opens a second.
    static let gap: UInt64 = 10_000
    /// Between two looks, as the agent does while events come.
    static let look: UInt64 = 4_000_000
    /// One record of so many is a straggler; a prime, so that all rings have some.
    static let stragglers = 997

    private let rings: SimulatedRings
    private let load: SimulatedLoad
    private let pool = EventBatchPool()
    private var merge: LaneMerge
    private var builder: EventBuilder

    init(_ recording: LoadedRecording, rings count: Int) throws {
        load = try SimulatedLoad(recording, rings: count, count: Self.opens, run: 1)
        rings = try SimulatedRings(count: count, bytes: load.byteCount)
        merge = LaneMerge(lanes: rings.lanes, limit: Collector.batchLimit)
        builder = EventBuilder(node: recording.node)
        let batch = pool.take()
        load.executions.forEach(in: 0..<load.executions.count) { builder.accept($0, into: batch) }
    }

    /// One run, whose stragglers come so many ns late, and are passed by what else goes into their ring or are not.
    func run(delay: UInt64, passed: Bool) throws -> HoldResult {
        var result = HoldResult(rings: rings.lanes.count, delay: delay, passed: passed)
        let first = load.stamp(gap: Self.gap)
        let late = builder.late
        var last = [UInt64](repeating: 0, count: rings.lanes.count)
        var arrivals = load.entries.indices.map { index in
            let entry = load.entries[index]
            let isLate = index % Self.stragglers == Self.stragglers / 2
            var time = first + UInt64(index) * Self.gap + (isLate ? delay : 0)
            if !passed { time = max(time, last[Int(entry.ring)]) }
            last[Int(entry.ring)] = time
            result.stragglers += isLate ? 1 : 0
            return (time: time, index: index, entry: entry)
        }
        arrivals.sort { ($0.time, $0.index) < ($1.time, $1.index) }
        var arrived = 0
        var newest: UInt64 = 0
        var now = first
        while result.events < load.entries.count {
            now += Self.look
            let begin = arrived
            while arrived < arrivals.count, arrivals[arrived].time <= now { arrived += 1 }
            try rings.fill(arrivals[begin..<arrived].map(\.entry)[...])
            let batch = pool.take()
            while merge.take(upTo: now - Collector.hold, with: &builder, into: batch) == Collector.batchLimit {}
            for event in batch.events {
                result.add(wait: now - event.time, isBehind: event.time < newest)
                newest = max(newest, event.time)
            }
        }
        result.marked = builder.late - late
        return result
    }
}

/// What came of one run, as a line of `KEY=VALUE` pairs.
struct HoldResult: CustomStringConvertible {
    let rings: Int
    let delay: UInt64
    let passed: Bool
    var stragglers = 0
    /// Records with the mark for late ones.
    var marked: UInt64 = 0
    private(set) var events = 0
    /// Events that came behind a younger one.
    private var behind = 0
    private var waits: UInt64 = 0
    private var longest: UInt64 = 0

    init(rings: Int, delay: UInt64, passed: Bool) {
        self.rings = rings
        self.delay = delay
        self.passed = passed
    }

    mutating func add(wait: UInt64, isBehind: Bool) {
        events += 1
        behind += isBehind ? 1 : 0
        waits += wait
        longest = max(longest, wait)
    }

    var description: String {
        "rings=\(rings) delay_ns=\(delay) passed=\(passed ? 1 : 0) events=\(events) stragglers=\(stragglers) marked=\(marked) behind=\(behind)"
            + " mean_wait_ns=\(waits / UInt64(max(1, events))) longest_wait_ns=\(longest)"
    }
}
