import API
import Agent
import ArgumentParser
import MartletV1

/// `martlet status`: how a running daemon is.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the daemon is, and what it lost.",
        discussion: """
            Needs to be root, the daemon's user, or a member of its read-group. Ends with status 0 when it watches all that \
            it was to watch, 1 when something is missing, 69 when there is no daemon, 77 when it may not be asked.
            """
    )

    @OptionGroup var control: ControlPlace

    @Flag(name: .long, help: "Also the books: every event by kind, and what became of it.")
    var books = false

    @Option(name: .shortAndLong, help: "text for people, or json.")
    var output = StatusFormat.text

    func run() throws {
        let (status, ledger) = try control.call { agent in
            (
                try await agent.getStatus(.init(), options: ControlPlace.deadline),
                try await agent.getLedger(.init(), options: ControlPlace.deadline)
            )
        }
        switch output {
        case .json:
            print(try status.jsonString())
            if books { print(try ledger.jsonString()) }
        case .text:
            print(StatusText.of(status), terminator: "")
            if books { print(ledger.text) }
        }
        if status.observations.contains(where: { !$0.working }) { throw ExitCode.failure }
    }
}

enum StatusFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
