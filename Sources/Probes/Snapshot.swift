import BPF
import Logging

/// The processes that run already, told by an iterator program: one record each.
package struct Snapshot: ~Copyable {
    private let object: BPFLoaded<SnapshotSkeleton>
    private let program: SnapshotSkeleton.Program
    /// Whether the records hold arguments; if not, they have to come from /proc.
    package var hasArguments: Bool { program == .snapshot_sleepable }

    /// Loads the best program that this kernel takes.
    package init(excluding ownTgid: UInt32, logger: Logger) throws(BPFError) {
        do {
            object = try Self.load(.snapshot_sleepable, without: .snapshot, ownTgid)
            program = .snapshot_sleepable
        } catch {
            logger.debug("arguments of processes that already run come from /proc: \(error)")
            object = try Self.load(.snapshot, without: .snapshot_sleepable, ownTgid)
            program = .snapshot
        }
    }

    private static func load(
        _ wanted: SnapshotSkeleton.Program,
        without other: SnapshotSkeleton.Program,
        _ ownTgid: UInt32
    ) throws(BPFError) -> BPFLoaded<SnapshotSkeleton> {
        let object = try BPFObject(SnapshotSkeleton.self)
        try object.readOnlyData.own_tgid = ownTgid
        object.setLoads(wanted, true)
        object.setLoads(other, false)
        return try object.load()
    }

    /// Calls `body` with each record.
    package func read(_ body: (UnsafeRawBufferPointer) -> Void) throws(BPFError) {
        let iterator = try object.program(program).attach().iterate()
        let area = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 8)
        defer { area.deallocate() }
        var held = 0
        while true {
            let count = try iterator.read(into: UnsafeMutableRawBufferPointer(rebasing: area[held...]))
            if count == 0 { return }
            held += count
            var begin = 0
            while held - begin >= 4 {
                let length = Int(area.loadUnaligned(fromByteOffset: begin, as: UInt32.self))
                guard length > 0, length <= held - begin else { break }
                body(UnsafeRawBufferPointer(rebasing: area[begin..<begin + length]))
                begin += length
            }
            // what is left of a record that the next read completes
            UnsafeMutableRawBufferPointer(rebasing: area[..<(held - begin)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: area[begin..<held]))
            held -= begin
        }
    }
}
