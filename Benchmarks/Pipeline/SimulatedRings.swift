import BPF
import Probes

/// Real rings, filled by a kernel program from this process' memory.
///
/// What is simulated is who writes: one core, before the reader looks, instead of as many cores as there are rings.
final class SimulatedRings {
    let lanes: [RingBox]
    private let program: BPFLoaded<FillSkeleton>

    /// All of them together have room for so many bytes, and as many again.
    init(count: Int, bytes: Int) throws {
        program = try BPFObject(FillSkeleton.self).load()
        let map = try program.map(.rings)
        lanes = try (0..<count).map { number in
            let ring = try RingBuffer(name: "simulated", bytes: max(64 << 10, 2 * bytes / count))
            try map.set(UInt32(number), map: ring.descriptor)
            return RingBox(ring)
        }
    }

    /// A record on its way to a ring, as the program takes it.
    struct Entry {
        var ring: UInt32
        var length: UInt32
        var record: UInt64
    }

    /// Puts records into their rings, in this order.
    func fill(_ entries: ArraySlice<Entry>) throws {
        let fill = try program.program(.fill)
        let data = try program.zeroData
        try entries.withUnsafeBufferPointer { entries in
            data.entries = UInt64(UInt(bitPattern: entries.baseAddress))
            data.left = UInt32(entries.count)
            while data.left > 0 {
                let refusal = try fill.run()
                guard refusal == 0 else { throw Failure(refusal: refusal) }
            }
        }
    }

    /// Why the program could not go on.
    struct Failure: Error, CustomStringConvertible {
        let refusal: UInt32
        var description: String {
            switch refusal {
            case 1: "a record is longer than 4095 bytes, or its ring is not there"
            case 3: "a ring is full"
            default: "memory could not be read"
            }
        }
    }
}
