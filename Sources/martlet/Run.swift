import Agent
import ArgumentParser
import Collector
import Glibc
import Logging
import Model
import Probes

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch this machine until Ctrl-C.",
        discussion: """
            Needs root, or CAP_BPF and CAP_PERFMON, and a kernel from 5.10 on with BTF. Ends with status 0 after --duration, \
            --count, Ctrl-C or SIGTERM, with 1 when it could not run or an output refused events; SIGUSR1 prints the books so far, SIGHUP opens the output file again.
            """
    )

    @OptionGroup var events: EventOptions

    @Option(name: .long, help: ArgumentHelp("End after this time: 5, 30s, 15m, 24h.", valueName: "time"))
    var duration: Seconds?

    @Option(
        name: .long,
        help: ArgumentHelp("Keep the raw records in a new file, for martlet replay.", valueName: "file"),
        completion: .file()
    )
    var record: String?

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

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Begin with what this file, the files of conf.d beside it and MARTLET_… variables say; options count more.",
            valueName: "file"
        ),
        completion: .file()
    )
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Become this user and give up all that is not needed (docs/privileges.md): a name in /etc/passwd, or a number.",
            valueName: "name|uid"
        )
    )
    var runAs: UserIdentity?

    func run() throws {
        var options = RunOptions()
        try apply(config, to: &options)
        try events.apply(to: &options)
        options.duration = duration?.value
        if let record { options.record = record }
        if let argsLimit { options.probes.argsLimit = argsLimit }
        if let lineLimit { options.probes.lineLimit = lineLimit }
        if !environment.isEmpty { options.probes.environment = environment }
        if rawPaths { options.probes.resolvesPaths = false }
        if let ringSize { options.probes.setRings(bytes: ringSize.bytes) }
        if let sockets { options.probes.sockets = sockets }
        if let rings { options.probes.pool = rings }
        options.probes.observations = Set(Observation.allCases.filter { options.filter.kinds.contains($0.kind) })
        if options.filter.kinds.contains(.heartbeat) { options.probes.observations.insert(.open) }
        if noContainerNames {
            options.engines = nil
        } else if !containerSocket.isEmpty {
            options.engines = EngineSockets(replacing: containerSocket)
        }
        if let runAs { options.identity = runAs }
        let logger = ConsoleLog.makeLogger(verbosity: events.verbose)
        do {
            let confinement = try options.identity.map { _ in try Privileges.drop(for: options, logger: logger) }
            let books = try Agent(options, confinement: confinement, logger: logger).run()
            if options.summary { Console.writeError("martlet: \(books.text)") }
            if books.hasFailed { throw ExitCode.failure }
        } catch let code as ExitCode {
            throw code
        } catch {
            Console.writeError("martlet: \(error)")
            throw ExitCode.failure
        }
    }

    private func apply(_ path: String?, to options: inout RunOptions) throws {
        guard let path else { return }
        try ConfigCommand.read(ConfigurationFiles(path: path)).apply(to: &options)
    }
}
