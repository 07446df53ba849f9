import Agent
import ArgumentParser
import Doctor
import Glibc

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tell what works on this machine, what does not, and why.",
        discussion: """
            Every kernel program is loaded, attached and made to run; nothing of it stays. Works without root, but then \
            cannot try hooks. Ends with status 0 when martlet run has everything, with 1 when it runs and some events are \
            missing, with 2 when it cannot run. Hooks that nothing needs yet do not count.
            """
    )

    @Option(name: .shortAndLong, help: "The form of the report: text, or json (docs/doctor.md has its fields).")
    var output: ReportFormat = .text

    @Option(name: .long, help: "Colour: auto, always or never. NO_COLOR is respected.")
    var color: ColorChoice = .auto

    @Flag(
        name: .long,
        help: "Only what this user can watch with the privileges at hand, and what each further one would add."
    )
    var user = false

    func run() throws {
        let report = user ? Doctor.examineUser(martlet: Version.number) : Doctor.examine(martlet: Version.number)
        // Who reads this decides by the status; a report that did not get out is no report.
        guard StandardOutput.write(output == .json ? try report.json : report.text(colored: color.isOn)) else {
            Console.writeError("martlet: the report cannot be written: \(String(cString: strerror(errno)))")
            throw ExitCode(Report.Verdict.cannotRun.exitStatus)
        }
        throw ExitCode(report.verdict.exitStatus)
    }
}

enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
