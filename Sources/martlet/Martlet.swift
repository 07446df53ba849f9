import Agent
import ArgumentParser

@main
struct Martlet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "See who runs what and opens which file, from the kernel's own events.",
        discussion: """
            Try:  martlet run                          everything, until Ctrl-C
                  martlet run --event exec,exec-failed  only programs
                  martlet run --path /etc -o json       who opens what below /etc, for machines
                  martlet run --sink sqlite             keep events, for martlet query
            """,
        version: Version.text,
        subcommands: [
            Run.self, DaemonCommand.self, StatusCommand.self, TraceCommand.self, ReloadCommand.self, ReplayCommand.self,
            Query.self, PolicyCommand.self, RulesCommand.self, DoctorCommand.self, ConfigCommand.self, BPFDCommand.self,
            VersionCommand.self,
        ]
    )

    static func main() {
        Console.reserveStreams()
        BPFDCommand.takeOver(CommandLine.arguments)
        main(nil)
    }
}
