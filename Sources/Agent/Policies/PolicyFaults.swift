import Policies

/// Policies that were named for a run and do not hold.
package struct PolicyFaults: Error, CustomStringConvertible {
    /// Each with its place.
    package let problems: [PolicyProblem]

    package var description: String { lines.joined(separator: "\n") }

    /// On standard error, each problem on a line of its own.
    package func tell() {
        for line in lines { Console.writeError("martlet: \(line)") }
    }

    private var lines: [String] {
        problems.map { "\($0)" } + [
            "the agent does not start with policies that do not hold: mend them (martlet policy check), or leave them out"
        ]
    }
}
