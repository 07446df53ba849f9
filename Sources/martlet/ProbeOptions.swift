import Agent
import ArgumentParser
import Collector
import Probes

/// What the kernel programs keep, in how large rings, and who is asked for names.
struct ProbeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("How many bytes of a program's arguments to keep (16384), up to 65536.", valueName: "bytes")
    )
    var argsLimit: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many bytes of a typed line to keep (32768), up to 65536 (--event shell).",
            valueName: "bytes"
        )
    )
    var lineLimit: Int?

    @Option(
        name: .customLong("env"),
        help: ArgumentHelp(
            "Tell this environment variable in exec events; may be repeated. None otherwise.",
            valueName: "name"
        )
    )
    var environment: [String] = []

    @Flag(name: .long, help: "Only the path that was asked for, not what was opened: half the cost of an open.")
    var rawPaths = false

    @Option(name: .long, help: ArgumentHelp("The size of each ring: 4M, 64M.", valueName: "size"))
    var ringSize: ByteCount?

    @Option(name: .long, help: ArgumentHelp("How many rings share the events: 1, 2, 4 … 64.", valueName: "n"))
    var rings: Int?

    @Option(
        name: .customLong("tcp-sockets"),
        help: ArgumentHelp("How many TCP sockets can have their owner remembered at once (65536).", valueName: "n")
    )
    var sockets: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Watch what the tracing policies of this file or folder ask for; may be repeated (docs/policies.md).",
            valueName: "file"
        ),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var policy: [String] = []

    @Flag(name: .long, help: "Do not ask container engines for the names of containers.")
    var noContainerNames = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where docker, podman, containerd or cri-o listens, when not where it usually does; may be repeated.",
            valueName: "engine=path"
        )
    )
    var containerSocket: [EngineSocket] = []

    @Flag(
        name: .long,
        help: "Have the kernel measure what its programs cost: some 80 ns more for each run. Needs CAP_SYS_ADMIN."
    )
    var bpfStats = false

    /// What was not given stays as it is.
    func apply(to options: inout RunOptions) {
        if let argsLimit { options.probes.argsLimit = argsLimit }
        if let lineLimit { options.probes.lineLimit = lineLimit }
        if !environment.isEmpty { options.probes.environment = environment }
        if rawPaths { options.probes.resolvesPaths = false }
        if let ringSize { options.probes.setRings(bytes: ringSize.bytes) }
        if let sockets { options.probes.sockets = sockets }
        if let rings { options.probes.pool = rings }
        if !policy.isEmpty { options.policies.paths = policy }
        if bpfStats { options.measuresPrograms = true }
        if noContainerNames {
            options.engines = nil
        } else if !containerSocket.isEmpty {
            options.engines = EngineSockets(replacing: containerSocket)
        }
    }
    /// The keys of what was chosen.
    var keys: Set<String> {
        ChosenKeys.of([
            "args-limit": argsLimit != nil, "line-limit": lineLimit != nil, "env": !environment.isEmpty,
            "raw-paths": rawPaths, "ring-size": ringSize != nil, "tcp-sockets": sockets != nil, "rings": rings != nil,
            "policy": !policy.isEmpty, "bpf-stats": bpfStats, "no-container-names": noContainerNames,
            "container-socket": !containerSocket.isEmpty,
        ])
    }
}
