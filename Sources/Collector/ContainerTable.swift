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
        limit = max(1024, 2 * containers.count)
    }
}
