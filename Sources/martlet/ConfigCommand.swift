import Agent
import ArgumentParser
import Glibc

/// `martlet config`: what files and environment say, and whether it holds.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Check and show the configuration.",
        discussion: """
            /etc/martlet/martlet.yaml, then the files of /etc/martlet/conf.d by name, then variables such as \
            MARTLET_RING_SIZE: what comes later takes the place of what came before. A run uses it with --config. \
            docs/configuration.md lists the keys.
            """,
        subcommands: [Check.self, Show.self, Schema.self]
    )

    /// The files to look at.
    struct Files: ParsableArguments {
        @Option(
            name: .long,
            help: ArgumentHelp("This file and conf.d beside it, not /etc/martlet's.", valueName: "file"),
            completion: .file()
        )
        var config: String?

        var files: ConfigurationFiles { ConfigurationFiles(path: config) }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether the configuration holds.",
            discussion: "Ends with status 0 when it does, with 78 when not: then every fault is told with its place."
        )

        @OptionGroup var files: Files

        func run() throws {
            let count = try ConfigCommand.read(files.files).settings.count
            print("ok: \(count) \(count == 1 ? "key is" : "keys are") set")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what holds, and where each key was set.",
            discussion: "The output is a configuration file itself."
        )

        @OptionGroup var files: Files

        func run() throws { print(try ConfigCommand.read(files.files).text, terminator: "") }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a JSON Schema of the configuration file, for editors."
        )

        func run() { print(ConfigurationSchema.text, terminator: "") }
    }

    /// The variables that belong to keys.
    static var environment: [String: String] {
        var environment: [String: String] = [:]
        for key in ConfigurationKey.all {
            if let value = getenv(key.variable) { environment[key.variable] = String(cString: value) }
        }
        return environment
    }

    /// Reads a configuration, or tells all that is wrong with it.
    static func read(_ files: ConfigurationFiles) throws -> Configuration {
        do {
            return try Configuration(files, environment: environment)
        } catch {
            for problem in error.problems { Console.writeError("martlet: \(problem)") }
            throw ExitStatus.configuration
        }
    }
}
