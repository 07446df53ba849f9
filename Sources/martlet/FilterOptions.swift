import ArgumentParser
import Engine
import Model

/// Which events: what `run`, `replay` and `query` have in common.
struct FilterOptions: ParsableArguments {
    @Option(
        name: .customLong("event"),
        help: ArgumentHelp(
            "Only these kinds: \(FilterOptions.kindNames). Several with commas or by repeating.",
            valueName: "kind,…"
        ),
        completion: .list(EventKind.selectable.map { "\($0.name)" })
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
    var users: [User] = []

    @Option(name: .customLong("pid"), help: ArgumentHelp("Only this process.", valueName: "pid"))
    var pids: [UInt32] = []

    /// What they say together.
    var filter: EventFilter {
        var filter = EventFilter()
        if !events.isEmpty { filter.kinds = KindSet(events.flatMap(\.kinds)) }
        filter.processes = processes.map(ProcessPattern.init)
        filter.paths = paths.map(PathPattern.init)
        filter.users = Set(users.map(\.id))
        filter.pids = Set(pids)
        return filter
    }

    /// Whether nothing was chosen.
    var isEmpty: Bool { events.isEmpty && processes.isEmpty && paths.isEmpty && users.isEmpty && pids.isEmpty }

    static let kindNames = EventKind.selectable.map { "\($0.name)" }.joined(separator: ", ")
}

extension EventKind {
    /// All but what users never see.
    static let selectable = allCases.filter { $0 != .clock }
}
