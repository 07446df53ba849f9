import CWire

/// A program running in a process: what its events say of it. Immutable, and shared by all of them.
///
/// A process has one execution at a time: the forked copy of its parent's until it executes a program of its own.
package final class Execution: @unchecked Sendable {
    /// Names an execution for good: when it began, and the process.
    package struct ID: Hashable, Sendable {
        /// CLOCK_BOOTTIME, ns: of the exec, or of the fork where there was none.
        package let time: UInt64
        /// The process, as the initial pid namespace numbers it.
        package let tgid: UInt32

        package init(time: UInt64, tgid: UInt32) {
            self.time = time
            self.tgid = tgid
        }
    }

    /// How the agent came to know it.
    package struct Origin: OptionSet, Sendable {
        package let rawValue: UInt64
        package static let exec = Origin(rawValue: 1 << 0)
        package static let snapshot = Origin(rawValue: 1 << 1)
        package static let fork = Origin(rawValue: 1 << 2)
        /// None of these was seen: only what an event itself carries is known.
        package static let missed = Origin(rawValue: 1 << 3)

        package init(rawValue: UInt64) { self.rawValue = rawValue }
    }

    package let id: ID
    /// When the process began, CLOCK_BOOTTIME in ns.
    package let start: UInt64
    package let parentID: ID?
    /// What ran in the parent, and above it as far as is remembered. For the reader's thread alone.
    package private(set) var parent: Execution?
    /// How many are above it, or were.
    private let generation: Int
    package let origin: Origin
    /// The kernel's count of execs, which its records carry: a record with another one is of another execution.
    package let execs: UInt16
    /// Wall time of `id.time`, ns since 1970.
    package let wallTime: UInt64
    /// The namespaces of the first process, which tell the host's from a container's.
    package let hostNamespaces: mt_namespaces?
    /// The exec or snapshot record that describes it; a fork shares its parent's.
    package let storage: Bytes?
    /// What an event calls this process by, when nothing else is known.
    package let comm: InlineArray<16, UInt8>
    /// What the path of its control group says.
    package let place: ContainerPath
    /// Nil outside of containers.
    package let container: Container?

    /// The process object of the JSON format without its end, behind which an event puts what is its own.
    package private(set) var json: Bytes

    package init(
        id: ID,
        start: UInt64,
        parentID: ID?,
        parent: Execution? = nil,
        origin: Origin,
        execs: UInt16 = 0,
        wallTime: UInt64,
        hostNamespaces: mt_namespaces?,
        storage: Bytes?,
        comm: InlineArray<16, UInt8>,
        place: ContainerPath,
        container: Container?,
        encode: (Execution) -> Bytes
    ) {
        self.id = id
        self.start = start
        self.parentID = parentID
        self.parent = parent
        generation = (parent?.generation ?? -1) + 1
        self.origin = origin
        self.execs = execs
        self.wallTime = wallTime
        self.hostNamespaces = hostNamespaces
        self.storage = storage
        self.comm = comm
        self.place = place
        self.container = container
        json = Bytes(UnsafeRawBufferPointer(start: nil, count: 0))
        json = encode(self)
        if generation > 0, generation % Self.remembered == 0 { forgetDistantAncestors() }
    }

    /// How many ancestors are remembered at least; at most twice as many are.
    private static let remembered = 32

    /// A process that goes on forking and ending would keep all that came before it otherwise.
    private func forgetDistantAncestors() {
        var ancestor: Execution = self
        for _ in 0..<Self.remembered {
            guard let next = ancestor.parent else { return }
            ancestor = next
        }
        ancestor.parent = nil
    }

    /// `execution` in what is now known of its container.
    package convenience init(_ execution: Execution, in container: Container, encode: (Execution) -> Bytes) {
        self.init(
            id: execution.id,
            start: execution.start,
            parentID: execution.parentID,
            parent: execution.parent,
            origin: execution.origin,
            execs: execution.execs,
            wallTime: execution.wallTime,
            hostNamespaces: execution.hostNamespaces,
            storage: execution.storage,
            comm: execution.comm,
            place: execution.place,
            container: container,
            encode: encode
        )
    }

    /// Known to be in no container: not so when its control group is unknown, or not known as a whole.
    package var isOnHost: Bool {
        guard container == nil, let process, process.pointee.cgroup.offset != 0 else { return false }
        return process.pointee.marks & UInt32(MT_PROCESS_CGROUP_TRUNCATED) == 0
    }

    /// The systemd unit that it belongs to, outside of containers.
    package var unit: UnsafeRawBufferPointer? {
        guard !place.unit.isEmpty, let path = string(\.cgroup) else { return nil }
        return UnsafeRawBufferPointer(rebasing: path[place.unit])
    }

    /// The record that describes it; nil when it was missed.
    package var record: Record? { storage.map { Record(checked: $0.buffer) } }
    /// The fixed part of that record.
    package var process: UnsafePointer<mt_process>? { record?.process }

    /// Whether its record is its own: a fork shares its parent's.
    package var hasDetails: Bool { storage != nil && !origin.isDisjoint(with: [.exec, .snapshot]) }

    /// A string of its record.
    package func string(_ path: KeyPath<mt_process, mt_str>) -> UnsafeRawBufferPointer? {
        guard let record else { return nil }
        return record.string(record.process.pointee[keyPath: path])
    }
}
