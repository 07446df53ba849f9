import CWire
import Glibc
import Model
import Probes

/// Calls that were to be told when they returned, and never do: told without their return, with a mark.
struct LostReturns {
    /// What an image's records are made of.
    private struct Design {
        let image: HookImage
        let functions: [HookPoint.Function]
    }

    private let maps: HookMaps
    /// By generation: those that calls may still be waiting by.
    private var designs: [UInt64: Design] = [:]
    private var current: Set<UInt64> = []

    init(maps: HookMaps) { self.maps = maps }

    /// Notes the image that calls are looked at by, in place of an older one of the same hook.
    mutating func note(_ image: HookImage, of point: HookPoint, generation: UInt64, inPlaceOf old: UInt64?) {
        if let old { current.remove(old) }
        current.insert(generation)
        designs[generation] = Design(image: image, functions: point.functions)
    }

    /// Nothing looks at calls by this image any more.
    mutating func end(_ generation: UInt64) { current.remove(generation) }

    /// Records of the calls that never return: their thread is gone, or their hook is another one by now.
    ///
    /// - Parameter time: the records' own, of the boot clock.
    mutating func take(at time: UInt64) -> [[UInt8]] {
        guard !designs.isEmpty else { return [] }
        var records: [[UInt8]] = []
        for call in maps.pendingCalls() where !current.contains(call.key.generation) || isGone(call.key.thread) {
            guard let design = designs[call.key.generation], let (head, items) = maps.give(up: call) else { continue }
            records += Self.records(head, items, design, time)
        }
        designs = designs.filter { current.contains($0.key) }
        return records
    }

    /// In a pid namespace of the agent's own, the kernel's numbers are not those of its /proc; one that hides the processes
    /// of others (`hidepid=2`) says of all that they are gone.
    private func isGone(_ thread: UInt64) -> Bool {
        maps.ownTgid == UInt32(getpid()) && access("/proc/1", F_OK) == 0
            && access("/proc/\(thread >> 32)/task/\(thread & 0xffff_ffff)", F_OK) != 0 && errno == ENOENT
    }

    private static func records(_ head: mt_pending, _ items: ArraySlice<UInt8>, _ design: Design, _ time: UInt64)
        -> [[UInt8]]
    {
        let alive = withUnsafeBytes(of: head.alive) { Array($0.bindMemory(to: UInt64.self)) }
        var records: [[UInt8]] = []
        var index = 0
        while index < design.image.rows.count {
            let row = design.image.rows[index]
            guard alive[index >> 6] >> UInt64(index & 63) & 1 != 0 else {
                index += 1
                continue
            }
            if row.row.flags & UInt32(MT_ROW_POST) != 0 {
                records.append(record(head.call, index, items, row.about + name(head.function, design), time))
            }
            index = max(index + 1, Int(row.row.next))
        }
        return records
    }

    private static func name(_ function: UInt32, _ design: Design) -> [UInt8] {
        Int(function) < design.functions.count ? design.functions[Int(function)].about : []
    }

    private static func record(
        _ kept: mt_call,
        _ row: Int,
        _ values: ArraySlice<UInt8>,
        _ about: [UInt8],
        _ time: UInt64
    ) -> [UInt8] {
        let size = MemoryLayout<mt_call>.size
        var call = kept
        call.header.length = UInt32(size + values.count + about.count)
        call.header.time = time
        call.marks |= UInt32(MT_CALL_NO_RETURN)
        call.actions = UInt32(MT_ACTION_POST)
        call.row = UInt32(row)
        call.duration = 0
        call.values = mt_str(offset: UInt32(size), length: UInt32(values.count))
        call.about = mt_str(offset: UInt32(size + values.count), length: UInt32(about.count))
        return withUnsafeBytes(of: call) { Array($0) } + values + about
    }
}
