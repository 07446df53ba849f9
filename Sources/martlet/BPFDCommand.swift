import Agent
import ArgumentParser
import Glibc
import Rules

/// `martlet bpfd`, or a link of the name `bpfd`: bpfd's verbs, with its flags and output.
struct BPFDCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bpfd",
        abstract: "The verbs of bpfd, as its users know them.",
        discussion: """
            They speak to martlet daemon. A link to martlet of the name bpfd is the same. Each ends with status 0, or 1 when \
            something is wrong.
            """,
        subcommands: [Daemon.self, Create.self, List.self, Remove.self, Trace.self, Version.self]
    )

    /// Runs a command line that is bpfd's, and ends the process; returns when it is another's.
    static func takeOver(_ arguments: [String]) {
        let program = arguments.first?.split(separator: "/").last
        if program == "bpfd" {
            Glibc.exit(status(of: Array(arguments.dropFirst())))
        } else if arguments.dropFirst().first == "bpfd" {
            Glibc.exit(status(of: Array(arguments.dropFirst(2))))
        }
    }

    /// Runs a verb; bpfd knows no other status than 0 and 1.
    private static func status(of arguments: [String]) -> Int32 {
        guard let verb = arguments.first, !["-h", "--help", "-help", "help"].contains(verb) else {
            Console.writeError(helpMessage())
            return 1
        }
        guard configuration.subcommands.contains(where: { $0.configuration.commandName == verb }) else {
            Console.writeError("\(verb): no such command\n\n\(helpMessage())")
            return 1
        }
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            return 0
        } catch {
            let message = fullMessage(for: error)
            guard !exitCode(for: error).isSuccess else {
                print(message)
                return 0
            }
            if !message.isEmpty { Console.writeError(message) }
            return 1
        }
    }

    /// `bpfd daemon`: martlet's, with bpfd's socket and rules.
    struct Daemon: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "daemon",
            abstract: "Watch this machine, with bpfd's socket and rules.",
            discussion: "As martlet daemon, whose configuration and control socket it has as well."
        )

        @OptionGroup var place: Place

        @Option(
            name: [.customLong("rules-dir"), .customLong("rules-dir", withSingleDash: true)],
            help: ArgumentHelp("Where the rules are.", valueName: "folder"),
            completion: .directory
        )
        var rulesDir = "/etc/bpfd/rules"

        func run() throws {
            let socket = try place.address ?? ControlOptions.bpfdSocket
            // What is wrong in a folder that is there ends it, as bpfd does; one that is missing is an empty one.
            let folder = rulesDir
            let isThere = RuleCollection.names(in: folder)?.isEmpty == false
            let overruled: Set<String> = ["bpfd-socket", "rules"]
            let files = ConfigurationFiles(path: nil)
            try DaemonCommand.run(files, overruled: overruled, verbosity: place.debug ? 1 : 0) { options in
                options.control.bpfdSocket = socket
                options.rules.paths = isThere ? [folder] : []
                options.rules.folder = folder
            }
        }
    }

    /// `bpfd version`: bpfd's five lines.
    struct Version: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the version.")

        @OptionGroup var place: Place

        func run() {
            #if arch(arm64)
                let architecture = "arm64"
            #else
                let architecture = "amd64"
            #endif
            print(
                """
                bpfd:
                 version     : \(martlet.Version.text)
                 git hash    : none
                 go version  : none
                 go compiler : none
                 platform    : linux/\(architecture)
                """
            )
        }
    }
}
