import Collector
import Engine
import Formats
import Model
import Outputs
import Probes
import UserInput

extension ConfigurationKey {
    /// All of them, in the order of the documents.
    package static let all = events + probes + outputs + delivery + containers + privileges + control + metrics

    /// The key of a name.
    package static func named(_ name: String) -> ConfigurationKey? { all.first { $0.name == name } }

    /// What only decides about events, and so can change between two of them.
    static let filters = Set(events.map(\.name))

    private static let events: [ConfigurationKey] = [
        ConfigurationKey(
            list: "event",
            .choice(["all"] + EventKind.selectable.map { "\($0.name)" }, EventKind.kinds),
            count: 1...100,
            standard: EventKind.allCases.filter { EventKind.shown.contains($0) }.map { "\($0.name)" }
                .joined(separator: ", "),
            "The kinds of events."
        ) { $0.filter.kinds = KindSet($1.flatMap { $0 }) },
        ConfigurationKey(list: "process", .text, "Only processes that run these: names, paths, folders or globs.") {
            $0.filter.processes = $1.map(ProcessPattern.init)
        },
        ConfigurationKey(list: "path", .text, "Only events about these paths, what lies below them, or globs.") {
            $0.filter.paths = $1.map(PathPattern.init)
        },
        ConfigurationKey(
            list: "user",
            .form("a number or the name of a user in /etc/passwd", UserName.init),
            "Only events of these effective users."
        ) { $0.filter.users = Set($1.map(\.id)) },
        ConfigurationKey(list: "container", .text, "Only these containers: ids, names, globs, any, or host.") {
            $0.filter.containers = $1.map(ContainerPattern.init)
        },
        ConfigurationKey(
            list: "runtime",
            .choice(ContainerRuntime.allCases.map { "\($0.name)" }, ContainerRuntime.init(name:)),
            "Only containers of these."
        ) { $0.filter.runtimes = Set($1) },
        ConfigurationKey(list: "pod", .text, "Only these pods: names, NAMESPACE/NAME, uids or globs.") {
            $0.filter.pods = $1.map(PodPattern.init)
        },
        ConfigurationKey(list: "unit", .text, "Only these systemd units, or globs.") {
            $0.filter.units = $1.map(UnitPattern.init)
        },
        ConfigurationKey(list: "policy-names", .text, "Only calls that these policies ask for: names or globs.") {
            $0.filter.policies = $1.map(PolicyPattern.init)
        },
    ]

    private static let probes: [ConfigurationKey] = [
        ConfigurationKey(
            "args-limit",
            .number(0...ProbeSettings.maximumArgs),
            standard: "16384",
            "How many bytes of a program's arguments are kept."
        ) { $0.probes.argsLimit = $1 },
        ConfigurationKey(
            "line-limit",
            .number(1...ProbeSettings.maximumLine),
            standard: "32768",
            "How many bytes of a typed line are kept."
        ) { $0.probes.lineLimit = $1 },
        ConfigurationKey(
            list: "env",
            .form("a name of at most \(ProbeSettings.maximumEnvironmentName) bytes without =") {
                ProbeSettings.isEnvironmentName($0) ? $0 : nil
            },
            count: 0...ProbeSettings.maximumEnvironment,
            "The environment variables that exec events tell."
        ) { $0.probes.environment = $1 },
        ConfigurationKey(
            "raw-paths",
            .boolean,
            standard: "false",
            "Only the path that was asked for, not what was opened: half the cost of an open."
        ) { $0.probes.resolvesPaths = !$1 },
        ConfigurationKey(
            "ring-size",
            .size(upTo: ProbeSettings.maximumRing),
            standard: "8M",
            "The size of each ring."
        ) { $0.probes.setRings(bytes: $1.bytes) },
        ConfigurationKey("rings", .power(upTo: 64), "How many rings share the events; otherwise by the CPUs, up to 8.")
        {
            $0.probes.pool = $1
        },
        ConfigurationKey(
            "tcp-sockets",
            .number(1...ProbeSettings.maximumSockets),
            standard: "65536",
            "How many TCP sockets can have their owner remembered at once."
        ) { $0.probes.sockets = $1 },
        ConfigurationKey(
            list: "policy",
            .text,
            "Files and folders of tracing policies; of a daemon otherwise the folder /etc/martlet/policies.d."
        ) { $0.policies.paths = $1 },
        ConfigurationKey(
            list: "rules",
            .text,
            "Files and folders of rules; of a daemon otherwise the folder /etc/martlet/rules.d."
        ) { $0.rules.paths = $1 },
        ConfigurationKey(
            "keep-rules",
            .boolean,
            standard: "false",
            "Rules that clients add to a daemon hold again after its next start: in /var/lib/martlet/rules.d."
        ) { $0.rules.keeps = $1 },
    ]

    private static let outputs: [ConfigurationKey] = [
        ConfigurationKey(
            "format",
            .choice(EventFormat.allCases.map(\.rawValue), EventFormat.init(rawValue:)),
            standard: "compact",
            "The form of events in files and on standard output."
        ) { $0.format = $1 },
        ConfigurationKey(
            list: "sink",
            .form(
                "stdout, file:PATH, sqlite, sqlite:PATH, postgres, postgres:CONNINFO, postgres://URI or none",
                OutputTarget.init(_:)
            ),
            count: 1...100,
            standard: "stdout",
            "Where events go; of a daemon, to the store of the machine, if this is not set."
        ) { $0.outputs = $1 },
        ConfigurationKey("store-age", .time, standard: "7d", "How long a store keeps events.") {
            $0.storeLimits.age = $1.value
        },
        ConfigurationKey("store-size", .size, standard: "1G", "How large a store grows.") {
            $0.storeLimits.size = $1.bytes
        },
        ConfigurationKey("rotate-size", .size, "Begin a new file at this size.") { $0.rotation.size = $1.bytes },
        ConfigurationKey("rotate-age", .time, "Begin a new file at this age.") {
            $0.rotation.age = Int($1.value.rounded(.up))
        },
        ConfigurationKey("rotate-count", .number(0...100_000), standard: "5", "How many old files are kept.") {
            $0.rotation.count = $1
        },
        ConfigurationKey(
            "record",
            .text,
            "Keep the raw records in a new file, for martlet replay. It must not be there: move it away before each start."
        ) {
            $0.record = $1
        },
    ]

    private static let containers: [ConfigurationKey] = [
        ConfigurationKey(
            "no-container-names",
            .boolean,
            standard: "false",
            "Container engines are not asked for names."
        ) { $0.engines = $1 ? nil : $0.engines ?? EngineSockets() },
        ConfigurationKey(
            list: "container-socket",
            .form(
                "\(EngineSocket.Engine.allCases.map { "\($0.name)=PATH" }.joined(separator: " or "))",
                EngineSocket.init
            ),
            "Where engines listen, when not where they usually do."
        ) { if $0.engines != nil { $0.engines = EngineSockets(replacing: $1) } },
    ]

    private static let privileges: [ConfigurationKey] = [
        ConfigurationKey(
            "run-as",
            .form("a number or the name of a user in /etc/passwd", { UserIdentity($0) }),
            "Whom the agent becomes, giving up what it does not need; without it, it stays as it was started."
        ) { $0.identity = $1 }
    ]
}
