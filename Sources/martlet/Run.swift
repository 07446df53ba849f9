import Agent
import ArgumentParser
import Glibc
import Logging
import Probes

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch this machine until Ctrl-C.",
        discussion: """
            Needs root, or CAP_BPF and CAP_PERFMON, and a kernel from 5.10 on with BTF. Ends with status 0 after --duration, \
            --count, Ctrl-C or SIGTERM (with --compat tcp-audit: 128 and the signal's number), with 1 when it could not run or an \
            output refused events, with 78 when the configuration, a policy or a rule is wrong; SIGUSR1 prints the books so far, SIGHUP opens the output file again.
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

    @OptionGroup var rules: RuleOptions

    @OptionGroup var probes: ProbeOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Begin with what this file, the files of conf.d beside it and MARTLET_… variables say; options count more.",
            valueName: "file"
        ),
        completion: .file()
    )
    var config: String?

    @OptionGroup var privileges: PrivilegeOptions

    func run() throws {
        var options = RunOptions()
        try apply(config, to: &options)
        try events.apply(to: &options)
        options.duration = duration?.value
        if let record { options.record = record }
        rules.apply(to: &options)
        probes.apply(to: &options)
        options.probes.observations = Observation.needed(for: options.filter.kinds)
        if let user = privileges.runAs { options.identity = user }
        let logger = ConsoleLog.makeLogger(verbosity: events.verbose)
        do {
            let rules = try options.rules.read(logger).set
            options.watch(for: rules)
            let confinement = try options.identity.map { _ in try Privileges.drop(for: options, logger: logger) }
            let agent = try Agent(options, confinement: confinement, rules: rules, logger: logger)
            let books = try agent.run()
            if options.summary {
                Console.writeError("martlet: \(books.text)")
                for cost in agent.programCosts { Console.writeError(cost.text) }
            }
            if books.hasFailed { throw ExitCode.failure }
            if options.compatibility == .tcpAudit, let signal = agent.endedBy { throw ExitCode(128 + signal) }
        } catch let code as ExitCode {
            throw code
        } catch AgentError.input(let faults) {
            faults.tell()
            throw ExitStatus.configuration
        } catch let faults as InputFaults {
            faults.tell()
            throw ExitStatus.configuration
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
