import CWire
import Model
import UserInput

/// Which events a user wants: each kind of condition must be met, by any of its values; none is met by all.
package struct EventFilter: Sendable {
    package var kinds = EventKind.shown
    package var processes: [ProcessPattern] = []
    package var paths: [PathPattern] = []
    package var users: Set<UInt32> = []
    package var pids: Set<UInt32> = []
    /// Whether the format has a line for such an event; nil: for any.
    package var hasLine: (@Sendable (EventKind, Record) -> Bool)?
    package var containers: [ContainerPattern] = []
    package var runtimes: Set<ContainerRuntime> = []
    package var pods: [PodPattern] = []
    package var units: [UnitPattern] = []
    package var policies: [PolicyPattern] = []

    package init() {}

    /// The same, with these kinds as well.
    package func adding(_ kinds: KindSet) -> EventFilter {
        var filter = self
        filter.kinds.formUnion(kinds)
        return filter
    }

    /// Allocates nothing but for globs of very long paths.
    package func passes(_ event: borrowing Event, _ record: Record) -> Bool {
        guard kinds.contains(event.kind) else { return false }
        if let hasLine, !hasLine(event.kind, record) { return false }
        // What no process did is not for conditions on processes to hide: losses above all.
        guard let process = event.process else { return !Self.isOfProcesses.contains(event.kind) || !asksForProcesses }
        if !pids.isEmpty, !pids.contains(record.header.tgid) { return false }
        if !users.isEmpty, !users.contains(record.user(of: process)) { return false }
        if !processes.isEmpty, !matchesProcess(process) { return false }
        if asksForPlaces, !passes(place: process) { return false }
        if !paths.isEmpty, !passes(path: Self.path(event.kind, record, process)) { return false }
        return policies.isEmpty || event.kind.isCall && passes(policy: Call(record).policy)
    }

    /// Kinds whose events are a process' even where it is not known whose.
    private static let isOfProcesses: KindSet = [.tcp, .tcpDrop]

    private var asksForProcesses: Bool {
        asksForPlaces
            || !(pids.isEmpty && users.isEmpty && processes.isEmpty && paths.isEmpty && policies.isEmpty)
    }

    /// Whether it matters in which container, pod or unit a process is.
    package var asksForPlaces: Bool {
        !(containers.isEmpty && runtimes.isEmpty && pods.isEmpty && units.isEmpty)
    }

    /// Whether it says anything of an execution that holds for all of its events.
    package var choosesProcesses: Bool { asksForPlaces || !(pids.isEmpty && processes.isEmpty) }

    /// Whether events of an execution may be wanted.
    package func passes(_ process: Execution) -> Bool {
        if !pids.isEmpty, !pids.contains(process.id.tgid) { return false }
        return passes(program: process) && (!asksForPlaces || passes(place: process))
    }

    /// Whether events of an execution may be wanted, by what a fork's child has in common with it.
    package func passes(program process: Execution) -> Bool { processes.isEmpty || matchesProcess(process) }

    private func matchesProcess(_ process: Execution) -> Bool {
        let binary = process.record.flatMap { $0.string($0.process.pointee.binary.text) }
        return withUnsafeBytes(of: process.comm) { passes(binary: binary, comm: $0) }
    }

    /// Whether a process that runs in such a container, pod and unit is meant.
    package func passes(place: some Placement) -> Bool {
        if !containers.isEmpty, !containers.contains(where: { $0.matches(place) }) { return false }
        if !runtimes.isEmpty, !matchesRuntime(place) { return false }
        if !pods.isEmpty, !pods.contains(where: { $0.matches(place) }) { return false }
        return units.isEmpty || units.contains { $0.matches(place) }
    }

    /// All that is in a pod is Kubernetes', whatever engine runs it.
    private func matchesRuntime(_ place: some Placement) -> Bool {
        guard let runtime = place.containerRuntime else { return false }
        return runtimes.contains(runtime) || place.podUID != nil && runtimes.contains(.kubernetes)
    }

    /// Whether a process that runs `binary`, or is called `comm` where that is not known, is meant.
    package func passes(binary: UnsafeRawBufferPointer?, comm: UnsafeRawBufferPointer) -> Bool {
        if processes.isEmpty { return true }
        if let binary { return processes.contains { $0.matches(binary: binary) } }
        return processes.contains { $0.matches(comm: comm) }
    }

    /// Whether an event about `path` is meant.
    package func passes(path: UnsafeRawBufferPointer?) -> Bool {
        if paths.isEmpty { return true }
        guard let path else { return false }
        return paths.contains { $0.matches(path) }
    }

    /// Whether a call that this policy asked for is meant.
    package func passes(policy: UnsafeRawBufferPointer?) -> Bool {
        if policies.isEmpty { return true }
        guard let policy else { return false }
        return policies.contains { $0.matches(policy) }
    }

    /// The path that an event is about: what was opened, or what was asked for, or the program; of a call the first path that
    /// its policy shows.
    package static func path(_ kind: EventKind, _ record: Record, _ process: Execution) -> UnsafeRawBufferPointer? {
        switch kind {
        case .open, .breakout:
            let open = record.open
            return record.string(open.pointee.path.text) ?? record.string(open.pointee.name)
        case .execFailed: return record.string(record.execFailed.pointee.filename)
        case .fork, .exec, .exit, .snapshot, .shell:
            guard let own = process.record else { return nil }
            return own.string(own.process.pointee.binary.text)
        case .kprobe, .tracepoint, .uprobe, .usdt, .lsm, .loader: return Call(record).path
        case .tcp, .tcpDrop, .heartbeat, .clock, .loss, .container: return nil
        }
    }
}
