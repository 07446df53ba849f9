import Agent
import ArgumentParser
import Engine
import Formats
import Glibc
import Model
import Outputs

/// Which events, in which form, where to: what `run` and `replay` have in common.
struct EventOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output"), .customLong("format")],
        help: ArgumentHelp(
            "The form of events: compact (a line for people), json (Tetragon's shape), or the lines of bpfd, tcp-audit or "
                + "traceleft, which have fewer events.",
            valueName: "format"
        )
    )
    var output: EventFormat = .compact

    @Option(
        name: .customLong("event"),
        help: ArgumentHelp(
            "Only these kinds: \(EventOptions.kindNames). Several with commas or by repeating.",
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

    @Option(name: .long, help: ArgumentHelp("End after this many events.", valueName: "n"))
    var count: Int?

    @Option(
        name: .customLong("to"),
        help: ArgumentHelp("Write events to a file instead of standard output.", valueName: "file"),
        completion: .file()
    )
    var file: String?

    @Option(name: .long, help: ArgumentHelp("Begin a new file at this size: 500K, 10M, 1G.", valueName: "size"))
    var rotateSize: ByteCount?

    @Option(name: .long, help: ArgumentHelp("Begin a new file at this age: 30s, 15m, 24h.", valueName: "time"))
    var rotateAge: Seconds?

    @Option(name: .long, help: ArgumentHelp("How many old files to keep.", valueName: "n"))
    var rotateCount = 5

    @Option(name: .long, help: "Colour: auto, always or never. NO_COLOR is respected.")
    var color: ColorChoice = .auto

    @Flag(name: .shortAndLong, help: "No summary at the end.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say more about what the agent does; twice for all of it.")
    var verbose: Int

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be at least 1.") }
        if rotateCount < 0 { throw ValidationError("--rotate-count must be at least 0.") }
        if file == nil, rotateSize != nil || rotateAge != nil {
            throw ValidationError("--rotate-size and --rotate-age need a file to rotate: add --to FILE.")
        }
    }

    /// The part of the run's options that is decided here.
    func apply(to options: inout RunOptions) {
        let format = output
        options.format = format
        if !format.hasAll { options.filter.hasLine = { format.has($0, $1) } }
        options.colored = color.isOn && file == nil
        options.count = count
        options.output = file
        options.rotation.size = rotateSize?.bytes
        options.rotation.age = rotateAge.map { Int($0.value.rounded(.up)) }
        options.rotation.count = rotateCount
        options.summary = !quiet
        if !events.isEmpty { options.filter.kinds = KindSet(events.flatMap(\.kinds)) }
        options.filter.processes = processes.map(ProcessPattern.init)
        options.filter.paths = paths.map(PathPattern.init)
        options.filter.users = Set(users.map(\.id))
        options.filter.pids = Set(pids)
        options.filter.containers = containers.map(ContainerPattern.init)
        options.filter.runtimes = Set(runtimes)
        options.filter.pods = pods.map(PodPattern.init)
        options.filter.units = units.map(UnitPattern.init)
    }

    static let kindNames = EventKind.selectable.map { "\($0.name)" }.joined(separator: ", ")
}

extension ContainerRuntime: ExpressibleByArgument {
    /// By its name, or by another that is in use.
    public init?(argument: String) { self.init(name: argument) }
}

extension EventKind {
    /// All but what users never see.
    static let selectable = allCases.filter { $0 != .clock }
}
