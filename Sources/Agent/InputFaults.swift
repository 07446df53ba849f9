import UserInput

/// Files that were named for a run and do not hold.
package struct InputFaults: Error, CustomStringConvertible {
    /// Each with its place.
    package let problems: [InputProblem]
    /// What the files are, and the command that checks them.
    let kind: String
    let command: String

    package var description: String { lines.joined(separator: "\n") }

    /// On standard error, each problem on a line of its own.
    package func tell() {
        for line in lines { Console.writeError("martlet: \(line)") }
    }

    private var lines: [String] {
        problems.map { "\($0)" } + [
            "the agent does not start with \(kind) that do not hold: mend them (\(command)), or leave them out"
        ]
    }

    static func policies(_ problems: [InputProblem]) -> InputFaults {
        InputFaults(problems: problems, kind: "policies", command: "martlet policy check")
    }

    static func rules(_ problems: [InputProblem]) -> InputFaults {
        InputFaults(problems: problems, kind: "rules", command: "martlet rules check")
    }
}
