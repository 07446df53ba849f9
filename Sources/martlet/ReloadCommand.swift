import API
import Agent
import ArgumentParser
import MartletV1

/// `martlet reload`: has a running daemon read its configuration again.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the daemon read its configuration again.",
        discussion: """
            As SIGHUP does, and tells what came of it. Needs to be root, the daemon's user, or a member of its change-group. \
            Ends with status 0, 78 when the configuration is wrong (then what held before goes on), 69 when there is no \
            daemon, 77 when it may not be told.
            """
    )

    @OptionGroup var control: ControlSocket

    func run() throws {
        let answer = try control.call { try await $0.reload(.init(), options: ControlPlace.deadline) }
        guard answer.problems.isEmpty else {
            for problem in answer.problems { Console.writeError("martlet: \(problem)") }
            Console.writeError("martlet: what held before goes on")
            throw ExitStatus.configuration
        }
        let now = answer.applied.joined(separator: ", ")
        print(now.isEmpty ? "nothing changes for what runs" : "changed: \(now)")
        if !answer.overruled.isEmpty {
            print("the daemon's command line overrules: \(answer.overruled.joined(separator: ", "))")
        }
        for missing in answer.missing { print("not available: \(missing)") }
        if !answer.atNextStart.isEmpty {
            print("from the next start on: \(answer.atNextStart.joined(separator: ", "))")
        }
    }
}
