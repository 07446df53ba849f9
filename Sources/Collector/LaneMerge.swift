import BPF
import CWire
import Model
import Probes

/// Takes records from all lanes in the order of their time.
///
/// Records of one lane are almost sorted: two CPUs may stamp in one order and reserve in the other, microseconds apart.
/// A record is taken only when it is older than the hold, so whatever is older still has arrived in its own lane by
/// then; what comes later all the same is taken then, and marked.
package struct LaneMerge {
    private let lanes: [RingBox]
    /// What was taken: time and bytes, in the rings until they are released.
    private var taken: ContiguousArray<(time: UInt64, bytes: UnsafeRawBufferPointer)> = []
    private var newest: UInt64 = 0
    /// Of files that are mapped: no other record needs anything beside itself.
    private var buildIDs = BuildIDs()
    private let limit: Int
    /// Whether the last look left records behind that are too young to be taken.
    private(set) var holds = false

    package init(lanes: [RingBox], limit: Int) {
        self.lanes = lanes
        self.limit = limit
        taken.reserveCapacity(limit)
        heads = ContiguousArray(repeating: nil, count: lanes.count)
    }

    private var heads: ContiguousArray<(time: UInt64, bytes: UnsafeRawBufferPointer, position: UInt64)?>

    /// Gives every record up to `watermark`, at most `limit` of them, to the builder, oldest first.
    ///
    /// - Returns: how many there were; fewer than the limit: no lane has any more of that age.
    package mutating func take(upTo watermark: UInt64, with builder: inout EventBuilder, into batch: EventBatch) -> Int
    {
        for lane in lanes.indices { fillHead(lane) }
        while taken.count < limit, let lane = oldestHead(), let head = heads[lane], head.time <= watermark {
            taken.append((head.time, head.bytes))
            fillHead(lane)
        }
        sort()
        for record in taken {
            let isLate = record.time < newest
            if isOfLoader(record.bytes), let bytes = buildIDs.added(to: record.bytes) {
                bytes.withUnsafeBytes { builder.accept($0, late: isLate, into: batch) }
            } else {
                builder.accept(record.bytes, late: isLate, into: batch)
            }
            newest = max(newest, record.time)
        }
        holds = heads.contains { $0 != nil }
        for lane in lanes.indices {
            // the head was only looked at
            if let head = heads[lane] { lanes[lane].ring.rewind(to: head.position) }
            lanes[lane].ring.release()
        }
        let count = taken.count
        taken.removeAll(keepingCapacity: true)
        return count
    }

    private func isOfLoader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let offset = MemoryLayout<mt_header>.offset(of: \.kind) ?? 0
        return bytes.count >= MemoryLayout<mt_header>.size
            && bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self) == EventKind.loader.rawValue
    }

    private mutating func fillHead(_ lane: Int) {
        let position = lanes[lane].ring.position
        guard let bytes = lanes[lane].ring.next() else {
            heads[lane] = nil
            return
        }
        heads[lane] = (Self.time(bytes), bytes, position)
    }

    private func oldestHead() -> Int? {
        var oldest: Int?
        var time = UInt64.max
        for lane in heads.indices {
            guard let head = heads[lane], head.time < time else { continue }
            oldest = lane
            time = head.time
        }
        return oldest
    }

    /// An insertion sort: almost nothing moves.
    private mutating func sort() {
        taken.withUnsafeMutableBufferPointer { taken in
            for index in taken.indices.dropFirst() where taken[index].time < taken[index - 1].time {
                let record = taken[index]
                var place = index
                while place > 0, record.time < taken[place - 1].time {
                    taken[place] = taken[place - 1]
                    place -= 1
                }
                taken[place] = record
            }
        }
    }

    private static func time(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard bytes.count >= MemoryLayout<mt_header>.size else { return 0 }
        return bytes.loadUnaligned(fromByteOffset: MemoryLayout<mt_header>.offset(of: \.time) ?? 0, as: UInt64.self)
    }
}
