import Formats
import Model
import UserInput

/// Reads what bpfd's format asks of events: `filterEvents`, of which one text must stand in one value, and `containerRuntimes`.
struct BPFDFilters {
    let tracers: [Tracer]
    let reading: RuleReading
    private(set) var filters: [(key: String, values: [String])] = []

    /// Keys of a rule that are taken for it where they stand behind a filter; in small letters.
    static let straying: Set = ["containerruntimes", "actions", "name", "tracer"]

    /// What bpfd calls what keeps containers.
    private static let runtimes = [
        "docker", "rkt", "systemd-nspawn", "lxc", "lxc-libvirt", "openvz", "kube", "garden", "podman", "gvisor",
        "firejail", "wsl",
    ]

    init(tracers: [Tracer], reading: RuleReading) {
        self.tracers = tracers
        self.reading = reading
    }

    /// `[filterEvents.KEY]` with `values`.
    mutating func read(_ field: RuleField) -> Condition? {
        guard let table = field.table else { return nil }
        var conditions: [Condition] = []
        for entry in table.entries {
            guard let condition = filter(entry, field.child(entry)) else { return nil }
            conditions.append(condition)
        }
        return conditions.isEmpty ? .always : .any(conditions)
    }

    private mutating func filter(_ entry: TOMLTable.Entry, _ field: RuleField) -> Condition? {
        guard let table = field.table else { return nil }
        let known = tracers.flatMap(\.kinds).flatMap { BPFDTracer($0)?.keys ?? [] }.map { "\($0.name)" }
        guard known.contains(entry.key) else {
            reading.unknown(entry.key, entry.place, field.path, "key of an event", among: Set(known).sorted())
            return nil
        }
        if entry.key == "command", tracers.contains(where: { $0.name == "exec" }) {
            reading.warn(
                entry.place,
                field.path,
                "bpfd's exec has had no 'command' since October 2018, and there this rule never matches; here it is the new program's name"
            )
        }
        var texts: [String]?
        for entry in table.entries {
            let child = field.child(entry)
            switch entry.key.lowercased() {
            case "values": texts = child.strings?.map(\.text)
            case _ where Self.straying.contains(entry.key.lowercased()): break
            default:
                reading.unknown(entry.key, entry.place, child.path, "key of a filter", among: ["values"])
                return nil
            }
        }
        guard let texts else {
            if table["values"] == nil {
                reading.error(entry.place, field.path, "values is missing: texts of which one must be in it")
            }
            return nil
        }
        filters.append((entry.key, texts))
        return .test(.bpfd(entry.key), .text(.contains(texts)))
    }

    /// `containerRuntimes`.
    func runtimes(_ field: RuleField) -> (names: [String], condition: Condition)? {
        guard let values = field.strings else { return nil }
        var conditions: [Condition] = []
        var runtimes: Set<ContainerRuntime> = []
        for (name, place) in values {
            if name == "not-found" || name == "host" {
                conditions.append(.test(.container, .container([ContainerPattern("host")])))
            } else if let runtime = ContainerRuntime(name: name) {
                runtimes.insert(runtime)
            } else if Self.runtimes.contains(name) {
                reading.warn(
                    place,
                    field.path,
                    "processes in \(name) cannot be told from others by their control group: none match"
                )
            } else {
                reading.unknown(name, place, field.path, "container runtime", among: Self.runtimes + ["not-found"])
                return nil
            }
        }
        if !runtimes.isEmpty { conditions.append(.test(.runtime, .runtimes(runtimes))) }
        return (values.map(\.text), .any(conditions))
    }
}
