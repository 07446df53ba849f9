import CWire
import Formats
import Model

/// Who runs what: one row per living process, fed by the life-cycle records alone.
///
/// A row dies some time after its process, so that what is still on its way finds it. All decisions are made by the
/// times in the records, never by a clock, so that a replay makes the same ones.
struct ProcessTable: ~Copyable {
    private final class Row {
        let start: UInt64
        var execution: Execution
        var parent: Execution?

        init(start: UInt64, execution: Execution, parent: Execution?) {
            self.start = start
            self.execution = execution
            self.parent = parent
        }
    }

    private var rows: [UInt32: Row] = [:]
    /// The dead by the time of their death, and how far they are buried.
    private var dead: [(tgid: UInt32, start: UInt64, time: UInt64)] = []
    private var buried = 0
    private var hostNamespaces: mt_namespaces?
    private var format: JSONFormat
    var containers = ContainerTable()
    /// The row that served last: events of one process come in runs.
    private var last: (tgid: UInt32, row: Row)?

    /// How long a dead process is remembered, ns.
    private static let grace: UInt64 = 2_000_000_000

    init(node: String) {
        format = JSONFormat(node: node)
        rows.reserveCapacity(4096)
    }

    /// How many processes have a row.
    var count: Int { rows.count }

    /// What each process runs, and what its parent ran.
    func forEach(_ body: (Execution, Execution?) -> Void) {
        for row in rows.values { body(row.execution, row.parent) }
    }

    /// Takes in a record of any kind and says whose it is.
    mutating func accept(_ record: Record, wallOffset: UInt64) -> (process: Execution?, parent: Execution?) {
        let header = record.header
        bury(before: header.time)
        switch record.kind {
        case .fork: return fork(record, wallOffset)
        case .exec: return exec(record, wallOffset)
        case .snapshot: return snapshot(record, wallOffset)
        case .exit:
            dead.append((header.tgid, header.start, header.time))
            return who(header, wallOffset)
        case .open, .breakout, .execFailed, .shell, .kprobe, .tracepoint, .uprobe, .usdt, .lsm, .loader:
            return who(header, wallOffset)
        // Nobody's: whoever owned it is not known.
        case .tcp, .tcpDrop: return header.tgid == 0 ? (nil, nil) : who(header, wallOffset)
        case .container:
            name(record)
            return (nil, nil)
        case .heartbeat, .clock, .loss: return (nil, nil)
        }
    }

    private mutating func fork(_ record: Record, _ wallOffset: UInt64) -> (Execution?, Execution?) {
        let header = record.header
        let fork = record.fork.pointee
        // The child is a copy of its caller, whose count of execs it has; its parent is another one after CLONE_PARENT.
        let caller = execution(fork.caller_tgid, fork.caller_start, header, fork.comm, wallOffset)
        let parent =
            fork.caller_tgid == fork.parent_tgid
            ? caller
            : known(fork.parent_tgid, fork.parent_start)
                ?? missed(fork.parent_tgid, fork.parent_start, Self.nameless, wallOffset)
        let execution = make(
            Execution.ID(time: header.time, tgid: header.tgid),
            header.start,
            parent,
            .fork,
            caller.storage,
            fork.comm,
            header.execs,
            wallOffset,
            copied: caller
        )
        // A fork that comes after its child's exec must not undo it.
        let hasExecuted =
            rows[header.tgid].map { $0.start == header.start && $0.execution.origin.contains(.exec) } ?? false
        if !hasExecuted { put(header.tgid, Row(start: header.start, execution: execution, parent: parent)) }
        return (execution, parent)
    }

    private mutating func exec(_ record: Record, _ wallOffset: UInt64) -> (Execution?, Execution?) {
        let header = record.header
        let process = record.process.pointee
        let row = rows[header.tgid].flatMap { $0.start == header.start ? $0 : nil }
        let parent = row?.parent ?? parent(process, wallOffset)
        var origin: Execution.Origin = .exec
        if let row, row.execution.origin.contains(.fork), !row.execution.origin.contains(.exec) { origin.insert(.fork) }
        let execution = make(
            Execution.ID(time: header.time, tgid: header.tgid),
            header.start,
            parent,
            origin,
            Bytes(record.bytes),
            process.comm,
            header.execs,
            wallOffset
        )
        if let row {
            if row.execution.id.time <= header.time { row.execution = execution }
        } else {
            put(header.tgid, Row(start: header.start, execution: execution, parent: parent))
        }
        return (execution, parent)
    }

    private mutating func snapshot(_ record: Record, _ wallOffset: UInt64) -> (Execution?, Execution?) {
        let header = record.header
        let process = record.process.pointee
        // The first process; where it is hidden, as on some hosted machines, the father of all kernel threads.
        if header.tgid == 1 || header.tgid == 2 && hostNamespaces == nil { hostNamespaces = process.namespaces }
        let parent = parent(process, wallOffset)
        let execution = make(
            Execution.ID(time: header.start, tgid: header.tgid),
            header.start,
            parent,
            .snapshot,
            Bytes(record.bytes),
            process.comm,
            header.execs,
            wallOffset
        )
        // What was seen live is never replaced by what was found.
        let known =
            rows[header.tgid].map { $0.start == header.start && !$0.execution.origin.contains(.missed) } ?? false
        if !known { put(header.tgid, Row(start: header.start, execution: execution, parent: parent)) }
        return (execution, parent)
    }

    /// An older process' late record does not take the place of the number's new owner.
    private mutating func put(_ tgid: UInt32, _ row: Row) {
        if let owner = rows[tgid], owner.start > row.start { return }
        rows[tgid] = row
        last = nil
    }

    /// Of a process whose fork was missed; nil for those that the kernel itself began.
    private mutating func parent(_ process: mt_process, _ wallOffset: UInt64) -> Execution? {
        guard process.parent_tgid != 0 else { return nil }
        return known(process.parent_tgid, process.parent_start)
            ?? missed(process.parent_tgid, process.parent_start, Self.nameless, wallOffset)
    }

    /// Whose event it is: what its process ran then, by the process' count of execs.
    private mutating func who(_ header: mt_header, _ wallOffset: UInt64) -> (Execution?, Execution?) {
        let row = row(header, wallOffset)
        if header.flags & UInt16(MT_FLAG_ANY_EXECUTION) != 0 { return (row.execution, row.parent) }
        return (execution(of: row, header.tgid, header, Self.nameless, wallOffset), row.parent)
    }

    /// What a process ran when its count of execs was that of `header`.
    private mutating func execution(
        _ tgid: UInt32,
        _ start: UInt64,
        _ header: mt_header,
        _ comm: Comm,
        _ wallOffset: UInt64
    ) -> Execution {
        guard let row = rows[tgid], row.start == start else { return missed(tgid, start, comm, wallOffset) }
        return execution(of: row, tgid, header, comm, wallOffset)
    }

    /// The row's execution; one of which nothing is known when an exec was lost, or when the record is older than it.
    private mutating func execution(
        of row: Row,
        _ tgid: UInt32,
        _ header: mt_header,
        _ comm: Comm,
        _ wallOffset: UInt64
    ) -> Execution {
        let ahead = Int16(bitPattern: header.execs &- row.execution.execs)
        if ahead == 0 { return row.execution }
        let unknown = make(
            Execution.ID(time: header.time, tgid: tgid),
            row.start,
            row.parent,
            .missed,
            nil,
            comm,
            header.execs,
            wallOffset
        )
        if ahead > 0 { row.execution = unknown }
        return unknown
    }

    private func known(_ tgid: UInt32, _ start: UInt64) -> Execution? {
        guard let row = rows[tgid], row.start == start else { return nil }
        return row.execution
    }

    private mutating func row(_ header: mt_header, _ wallOffset: UInt64) -> Row {
        if let last, last.tgid == header.tgid, last.row.start == header.start { return last.row }
        if let row = rows[header.tgid], row.start == header.start {
            last = (header.tgid, row)
            return row
        }
        let execution = missed(header.tgid, header.start, Self.nameless, wallOffset, header.execs)
        let row = Row(start: header.start, execution: execution, parent: nil)
        put(header.tgid, row)
        // The owner of a socket that outlived it: no exit will come any more.
        if header.flags & UInt16(MT_FLAG_ANY_EXECUTION) != 0 { dead.append((header.tgid, header.start, header.time)) }
        return row
    }

    private typealias Comm = (
        CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar
    )

    private static let nameless: Comm = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

    /// A process of which neither fork nor exec nor snapshot came.
    private mutating func missed(
        _ tgid: UInt32,
        _ start: UInt64,
        _ comm: Comm,
        _ wallOffset: UInt64,
        _ execs: UInt16 = 0
    ) -> Execution {
        make(Execution.ID(time: start, tgid: tgid), start, nil, .missed, nil, comm, execs, wallOffset)
    }

    private mutating func make(
        _ id: Execution.ID,
        _ start: UInt64,
        _ parent: Execution?,
        _ origin: Execution.Origin,
        _ storage: Bytes?,
        _ comm: Comm,
        _ execs: UInt16,
        _ wallOffset: UInt64,
        copied original: Execution? = nil
    ) -> Execution {
        let (place, container) = original.map { ($0.place, $0.container) } ?? place(storage)
        return Execution(
            id: id,
            start: start,
            parentID: parent?.id,
            parent: parent,
            origin: origin,
            execs: execs,
            wallTime: id.time &+ wallOffset,
            hostNamespaces: hostNamespaces,
            storage: storage,
            comm: withUnsafeBytes(of: comm) { bytes in InlineArray<16, UInt8> { bytes[$0] } },
            place: place,
            container: container,
            encode: { format.identity($0) }
        )
    }

    /// Whose control group a record tells.
    private mutating func place(_ storage: Bytes?) -> (ContainerPath, Container?) {
        guard let record = storage.map({ Record(checked: $0.buffer) }),
            let path = record.string(record.process.pointee.cgroup)
        else {
            return (ContainerPath(), nil)
        }
        let place = ContainerPath(path)
        let container = containers.find(place, in: path)
        if let container { containers.note(execution: record.header, in: container) }
        if containers.isFull { forgetContainers(but: container) }
        return (place, container)
    }

    private mutating func forgetContainers(but latest: Container?) {
        var used: Set<ObjectIdentifier> = []
        for container in [latest] + rows.values.map(\.execution.container) {
            if let container { used.insert(ObjectIdentifier(container)) }
        }
        containers.keep(used)
    }

    /// Gives the processes of a container what its engine said. Those that ended keep what was known of them.
    private mutating func name(_ record: Record) {
        for (old, new) in containers.accept(record) {
            // A parent is its children's as well: its text is made once.
            var renewed: [ObjectIdentifier: Execution] = [:]
            func renew(_ execution: Execution) -> Execution {
                guard execution.container === old else { return execution }
                if let known = renewed[ObjectIdentifier(execution)] { return known }
                let execution = (old: execution, new: Execution(execution, in: new) { format.identity($0) })
                renewed[ObjectIdentifier(execution.old)] = execution.new
                return execution.new
            }
            for row in rows.values {
                row.execution = renew(row.execution)
                row.parent = row.parent.map(renew)
            }
        }
    }

    private mutating func bury(before time: UInt64) {
        while buried < dead.count, dead[buried].time &+ Self.grace < time {
            let grave = dead[buried]
            buried += 1
            if let row = rows[grave.tgid], row.start == grave.start {
                rows[grave.tgid] = nil
                last = nil
            }
        }
        if buried > 4096 {
            dead.removeFirst(buried)
            buried = 0
        }
    }
}
