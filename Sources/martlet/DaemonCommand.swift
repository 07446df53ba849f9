import Agent
import ArgumentParser
import Glibc
import Logging

/// `martlet daemon`: a run that is configured, asked and watched over.
struct DaemonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon",
        abstract: "Watch this machine for good, as /etc/martlet/martlet.yaml says.",
        discussion: """
            Reads the configuration (martlet config), listens on its control socket (martlet status, trace, reload), and \
            keeps events in a store (martlet query) unless told otherwise. SIGHUP reads the configuration again and opens \
            files again, SIGUSR1 prints the books, SIGTERM and SIGINT end it. Ends with status 0 then, 1 when an output \
            refused events or something failed, 75 when another one listens on its socket, 77 when privileges are missing, \
            78 when the configuration is wrong.
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp("This file and conf.d beside it, not /etc/martlet's.", valueName: "file"),
        completion: .file()
    )
    var config: String?

    @OptionGroup var events: FilterOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var delivery: DeliveryOptions

    @OptionGroup var rules: RuleOptions

    @OptionGroup var probes: ProbeOptions

    @OptionGroup var control: ControlSocket

    @OptionGroup var privileges: PrivilegeOptions

    @Flag(name: .shortAndLong, help: "Say more about what the agent does; twice for all of it.")
    var verbose: Int

    func run() throws {
        try Self.run(ConfigurationFiles(path: config), overruled: overruled, verbosity: verbose) { [self] options in
            events.apply(to: &options.filter)
            output.apply(to: &options)
            delivery.apply(to: &options)
            rules.apply(to: &options)
            probes.apply(to: &options)
            if let user = privileges.runAs { options.identity = user }
            if let socket = control.socket { options.control.socket = socket }
            let format = options.format
            if !format.hasAll { options.filter.hasLine = { format.has($0, $1) } }
        }
    }

    /// The keys that the command line decides.
    private var overruled: Set<String> {
        [events.keys, output.keys, delivery.keys, probes.keys].reduce(
            into: ChosenKeys.of([
                "rules": !rules.rules.isEmpty, "run-as": privileges.runAs != nil, "socket": control.socket != nil,
            ])
        ) { $0.formUnion($1) }
    }

    /// Runs a daemon to its end, or ends the command with what is in the way.
    ///
    /// - Parameters:
    ///   - overruled: names of keys that the command line decides.
    ///   - override: what it says, which counts more.
    static func run(
        _ files: ConfigurationFiles,
        overruled: Set<String>,
        verbosity: Int,
        override: @escaping @Sendable (inout RunOptions) -> Void
    ) throws {
        let logger = ConsoleLog.makeLogger(verbosity: verbosity)
        let source = ConfigurationSource(
            files,
            environment: ConfigCommand.environment,
            overruled: overruled,
            override: override
        )
        let daemon: Daemon
        do {
            daemon = try Daemon(
                source,
                identity: StatusIdentity(version: Version.number, configuration: files.found ?? ""),
                logger: logger
            )
        } catch {
            for problem in error.problems { Console.writeError("martlet: \(problem)") }
            throw ExitStatus.configuration
        }
        do {
            let books = try daemon.run()
            Console.writeError("martlet: \(books.text)")
            if books.hasFailed { throw ExitCode.failure }
        } catch let code as ExitCode {
            throw code
        } catch DaemonError.agent(.input(let faults)) {
            faults.tell()
            throw ExitStatus.configuration
        } catch {
            Console.writeError("martlet: \(error)")
            throw ExitStatus.of(error as? DaemonError)
        }
    }
}

extension ExitStatus {
    fileprivate static func of(_ error: DaemonError?) -> ExitCode {
        switch error {
        case .socket(.taken), .metrics(.socket(.taken)): taken
        case .socket(.system(_, EACCES)), .socket(.system(_, EPERM)), .socket(.group), .privileges, .agent(.privileges):
            notPermitted
        case .tls, .agent(.probes(.setting)), .agent(.recording(.system(_, EEXIST))): configuration
        default: .failure
        }
    }
}
