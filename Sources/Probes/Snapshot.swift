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
        try object.program(program).attach().iterate().readRecords(body)
    }
}
