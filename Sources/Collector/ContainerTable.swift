import CWire
import Model

/// The containers that processes are in, with what their engines said.
///
/// Engines are not asked here: those to ask about are noted, and answers come back as records.
struct ContainerTable: ~Copyable {
    /// The same id may stand in a path of another runtime's kind, or in another user's slice: that is another container.
    private struct Key: Hashable {
        let runtime: ContainerRuntime
        let user: UInt32
        let id: [UInt8]
        let pod: [UInt8]
    }

    private var containers: [Key: Container] = [:]
    /// When there are more, those without a process go.
    private var limit = 1024
    /// Whether anyone will ask about new ones.
    var notesUnnamed = false
    /// New ones that nobody has asked about yet.
    private(set) var unnamed: [Container] = []
    /// Whether anyone wants to know of all of them.
    var notesChanges = false
    /// New ones, and those that their engine has said something about, that nobody has taken yet.
    private(set) var changed: [Container] = []
    /// Those that are forgotten.
    private(set) var gone: [Container] = []
    /// By what control groups executed programs of a container were known, and when it last counted as changed.
    private var looked: [ObjectIdentifier: (groups: Set<UInt64>, time: UInt64)] = [:]
    private static let lookedLimit = 64
    /// ns between two looks at a container that may have been started again, where no number tells.
    private static let pause: UInt64 = 10_000_000
    /// The root's number in the v2 hierarchy, where all are whose groups are of version 1.
    private static let root: UInt64 = 1
    /// As many may wait to be asked about.
    private static let unnamedLimit = 4096

    /// Whether it is time to call `keep`.
    var isFull: Bool { containers.count > limit }

    /// How many are known.
    var count: Int { containers.count }

    /// The container that a control group belongs to; nil on the host.
    mutating func find(_ place: ContainerPath, in path: UnsafeRawBufferPointer) -> Container? {
        guard let runtime = place.runtime else { return nil }
        let key = Key(runtime: runtime, user: place.user, id: Array(path[place.id]), pod: Array(path[place.pod]))
        if let known = containers[key] { return known }
        guard let container = Container(place, in: path) else { return nil }
        containers[key] = container
        if notesChanges { changed.append(container) }
        if notesUnnamed, container.hasEngineID, unnamed.count < Self.unnamedLimit { unnamed.append(container) }
        return container
    }

    /// A container that is started again has another control group at the same path: it counts as changed.
    ///
    /// Where control groups are of version 1, no number in a record tells: there an execution is reason enough to look.
    mutating func note(execution header: mt_header, in container: Container) {
        guard notesChanges else { return }
        // The path is one object, whatever the engine says of the container later.
        let key = ObjectIdentifier(container.group)
        guard var known = looked[key] else {
            looked[key] = ([header.cgroup], header.time)
            return
        }
        let isUntold = header.cgroup == Self.root && header.time > known.time + Self.pause
        guard isUntold || !known.groups.contains(header.cgroup) else { return }
        if known.groups.count > Self.lookedLimit { known.groups.removeAll() }
        known.groups.insert(header.cgroup)
        known.time = header.time
        looked[key] = known
        if changed.last !== container { changed.append(container) }
    }

    /// Takes in an engine's answer: the containers that it is about, as they were and as they are now.
    mutating func accept(_ answer: Record) -> [(old: Container, new: Container)] {
        let bytes = Bytes(answer.bytes)
        let about = containers.filter { $0.value.isMeant(by: answer) }
        return about.map { key, container in
            let named = Container(container, answer: bytes)
            containers[key] = named
            if notesChanges { changed.append(named) }
            return (container, named)
        }
    }

    mutating func takeUnnamed() -> [Container] {
        defer { unnamed.removeAll() }
        return unnamed
    }

    var hasChanges: Bool { !changed.isEmpty || !gone.isEmpty }

    /// What has changed since the last time.
    mutating func takeChanges() -> (changed: [Container], gone: [Container]) {
        defer {
            changed.removeAll()
            gone.removeAll()
        }
        return (changed, gone)
    }

    /// Forgets all but those that are in use.
    mutating func keep(_ used: Set<ObjectIdentifier>) {
        if notesChanges { gone += containers.values.filter { !used.contains(ObjectIdentifier($0)) } }
        containers = containers.filter { used.contains(ObjectIdentifier($0.value)) }
        let groups = Set(containers.values.map { ObjectIdentifier($0.group) })
        looked = looked.filter { groups.contains($0.key) }
        limit = max(1024, 2 * containers.count)
    }
}
