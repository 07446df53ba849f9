import Agent
import ArgumentParser
import Formats
import Glibc
import Probes
import Rules

extension RulesCommand {
    /// `martlet rules check`: what is wrong with rules.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Say what is wrong with rules, and how the others are found.",
            discussion: """
                Every fault is told with its file, line and key. Ends with status 0 when all rules hold, and with 78 when not.
                """
        )

        @Argument(
            help: ArgumentHelp("Files, folders with *.toml in them, or - for the standard input.", valueName: "file"),
            completion: .file(extensions: ["toml"])
        )
        var files: [String]

        func run() throws {
            let collection = RuleCollection.read(files)
            let count = collection.set.rules.count
            let rules = count == 1 ? "1 rule holds" : "\(count) rules hold"
            let end = collection.isRight ? "ok: \(rules)\n" : "not ok: \(rules), others do not\n"
            let isWritten = StandardOutput.write(
                RuleExplanation.text(of: collection.set, observed: KernelGate.observed) + end
            )
            for problem in collection.problems { Console.writeError("martlet: \(problem)") }
            guard isWritten else {
                Console.writeError("martlet: the report cannot be written: \(String(cString: strerror(errno)))")
                throw ExitCode.failure
            }
            if !collection.isRight { throw ExitStatus.configuration }
        }
    }

    /// `martlet rules test`: what rules would have matched.
    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Hold the events of a recording against rules.",
            discussion: """
                Tells of each rule how many events it matches; --show writes these events as well. Needs no root and no daemon. \
                Ends with status 0, 1 when the recording cannot be read, and 78 when a rule does not hold.
                """
        )

        @Argument(
            help: ArgumentHelp("Files, folders with *.toml in them, or - for the standard input.", valueName: "file"),
            completion: .file(extensions: ["toml"])
        )
        var files: [String]

        @Option(
            name: .long,
            help: ArgumentHelp("A file that martlet run --record made.", valueName: "recording"),
            completion: .file()
        )
        var replay: String

        @Flag(name: .long, help: "Write the events that match, too.")
        var show = false

        @Option(name: .shortAndLong, help: "The form of these events.")
        var output = EventFormat.compact

        func run() throws {
            let collection = RuleCollection.read(files)
            for problem in collection.problems { Console.writeError("martlet: \(problem)") }
            guard collection.isRight else { throw ExitStatus.configuration }
            let trial: RuleTrial
            var isWritten = true
            do {
                trial = try RuleTrial(
                    collection.set,
                    recording: replay,
                    format: output,
                    colored: false,
                    show: {
                        if show, isWritten { isWritten = StandardOutput.write(String(decoding: $0, as: UTF8.self)) }
                    }
                )
            } catch {
                Console.writeError("martlet: \(error)")
                throw ExitCode.failure
            }
            let width = max(4, trial.counts.map(\.name.count).max() ?? 0)
            var text = "RULE".padded(to: width) + "   MATCHED  SUPPRESSED\n"
            for (name, matched, suppressed) in trial.counts {
                text += name.padded(to: width) + "\(matched)".padded(left: 10) + "\(suppressed)".padded(left: 12) + "\n"
            }
            text += "\(trial.events) events, of which no rule wants \(trial.unwanted)\n"
            guard isWritten, StandardOutput.write(text) else {
                Console.writeError("martlet: the report cannot be written: \(String(cString: strerror(errno)))")
                throw ExitCode.failure
            }
            if let failure = trial.failure {
                Console.writeError("martlet: \(failure)")
                throw ExitCode.failure
            }
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    fileprivate func padded(left width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
