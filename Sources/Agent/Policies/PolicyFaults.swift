import Policies

/// Policies that were named for a run and do not hold.
package struct PolicyFaults: Error, CustomStringConvertible {
    /// Each with its place.
    package let problems: [PolicyProblem]

    package var description: String {
        problems.map { "\($0)" }.joined(separator: "\n")
            + "\nthe agent does not start with policies that do not hold: mend them (martlet policy check), or leave them out"
    }
}
