import Agent
import ArgumentParser
import Engine
import Formats
import Model
import UserInput

/// Which events: what `run`, `replay` and `query` have in common.
struct FilterOptions: ParsableArguments {
    @Option(
        name: .customLong("event"),
        help: ArgumentHelp(
            "Only these kinds: all, \(FilterOptions.kindNames). Several with commas or by repeating.",
            valueName: "kind,…"
        ),
        completion: .list(["all"] + EventKind.selectable.map { "\($0.name)" })
    )
    var events: [KindList] = []

    @Option(
        name: .customLong("process"),
        help: ArgumentHelp(
            "Only processes that run this binary: its name, a path, a folder or a glob.",
            valueName: "name|path"
        )
    )
    var processes: [String] = []

    @Option(
        name: .customLong("path"),
        help: ArgumentHelp(
            "Only events about this path, what lies below it, or what a glob matches.",
            valueName: "path"
        )
    )
    var paths: [String] = []

    @Option(
        name: .customLong("user"),
        help: ArgumentHelp(
            "Only events of this effective user: a name in /etc/passwd, or a number.",
            valueName: "name|uid"
        )
    )
    var users: [UserName] = []

    @Option(name: .customLong("pid"), help: ArgumentHelp("Only this process.", valueName: "pid"))
    var pids: [UInt32] = []

    @Option(
        name: .customLong("container"),
        help: ArgumentHelp(
            "Only processes in this container: the beginning of its id or name, a glob; any; or host, for those in none.",
            valueName: "id|name"
        )
    )
    var containers: [String] = []

    @Option(
        name: .customLong("runtime"),
        help: ArgumentHelp(
            "Only processes in containers of: \(ContainerRuntime.allCases.map { "\($0.name)" }.joined(separator: ", ")).",
            valueName: "name"
        ),
        completion: .list(ContainerRuntime.allCases.map { "\($0.name)" })
    )
    var runtimes: [ContainerRuntime] = []

    @Option(
        name: .customLong("pod"),
        help: ArgumentHelp(
            "Only processes in this pod: its name, NAMESPACE/NAME, its uid, or a glob.",
            valueName: "name"
        )
    )
    var pods: [String] = []

    @Option(
        name: .customLong("unit"),
        help: ArgumentHelp("Only processes of this systemd unit: ssh, session-2.scope, or a glob.", valueName: "name")
    )
    var units: [String] = []

    @Option(
        name: .customLong("policy-names"),
        help: ArgumentHelp("Only calls that this policy asks for: its name, or a glob.", valueName: "name")
    )
    var policies: [String] = []

    /// What they say together.
    var filter: EventFilter {
        var filter = EventFilter()
        apply(to: &filter)
        return filter
    }

    /// What was chosen takes the place of what was there.
    func apply(to filter: inout EventFilter) {
        if !events.isEmpty { filter.kinds = KindSet(events.flatMap(\.kinds)) }
        if !processes.isEmpty { filter.processes = processes.map(ProcessPattern.init) }
        if !paths.isEmpty { filter.paths = paths.map(PathPattern.init) }
        if !users.isEmpty { filter.users = Set(users.map(\.id)) }
        if !pids.isEmpty { filter.pids = Set(pids) }
        if !containers.isEmpty { filter.containers = containers.map(ContainerPattern.init) }
        if !runtimes.isEmpty { filter.runtimes = Set(runtimes) }
        if !pods.isEmpty { filter.pods = pods.map(PodPattern.init) }
        if !units.isEmpty { filter.units = units.map(UnitPattern.init) }
        if !policies.isEmpty { filter.policies = policies.map(PolicyPattern.init) }
    }

    /// The keys of what was chosen.
    var keys: Set<String> {
        ChosenKeys.of([
            "event": !events.isEmpty, "process": !processes.isEmpty, "path": !paths.isEmpty, "user": !users.isEmpty,
            "container": !containers.isEmpty, "runtime": !runtimes.isEmpty, "pod": !pods.isEmpty,
            "unit": !units.isEmpty, "policy-names": !policies.isEmpty,
        ])
    }

    /// Whether nothing was chosen.
    var isEmpty: Bool {
        events.isEmpty && processes.isEmpty && paths.isEmpty && users.isEmpty && pids.isEmpty && containers.isEmpty
            && runtimes.isEmpty && pods.isEmpty && units.isEmpty && policies.isEmpty
    }

    static let kindNames = EventKind.selectable.map { "\($0.name)" }.joined(separator: ", ")
}

extension ContainerRuntime: ExpressibleByArgument {
    /// Their names, which help and completions show; the numbers behind them are nobody's business.
    public static var allValueStrings: [String] { allCases.map { "\($0.name)" } }

    /// By its name, or by another that is in use.
    public init?(argument: String) { self.init(name: argument) }
}
