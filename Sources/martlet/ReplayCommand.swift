import Agent
import ArgumentParser

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a recording through the pipeline again.",
        discussion: """
            Works on any machine, without root; with the same options it writes the same bytes as the run that was recorded. \
            A file that is damaged or cut is replayed as far as it is whole, and ends with status 1.
            """
    )

    @Argument(help: "A file that martlet run --record made.", completion: .file())
    var file: String

    @OptionGroup var events: EventOptions

    @OptionGroup var rules: RuleOptions

    func run() throws {
        var options = RunOptions()
        try events.apply(to: &options)
        rules.apply(to: &options)
        do {
            let (books, error) = try Replay.run(file, options, logger: ConsoleLog.makeLogger(verbosity: events.verbose))
            if options.summary { Console.writeError("martlet: \(books.text)") }
            if books.hasFailed, error == nil { throw ExitCode.failure }
            if let error {
                Console.writeError("martlet: \(error)")
                throw ExitCode.failure
            }
        } catch let code as ExitCode {
            throw code
        } catch AgentError.input(let faults) {
            faults.tell()
            throw ExitStatus.configuration
        } catch {
            Console.writeError("martlet: \(error)")
            throw ExitCode.failure
        }
    }
}
