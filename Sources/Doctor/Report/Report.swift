/// All that was found on one machine, and what follows from it.
package struct Report: Codable, Sendable, Equatable {
    /// What follows for `martlet run`.
    package enum Verdict: String, Codable, Sendable {
        /// All events are there.
        case everything
        /// It runs, and some events are missing.
        case degraded
        case cannotRun = "cannot-run"

        /// What the command exits with.
        package var exitStatus: Int32 {
            switch self {
            case .everything: 0
            case .degraded: 1
            case .cannotRun: 2
            }
        }
    }

    /// The number of this layout: fields may be added to it, but not changed.
    package var version = 1
    /// The version of Martlet.
    package var martlet: String
    /// The running kernel, as uname gives it.
    package var kernel: String
    /// The machine, as uname gives it.
    package var architecture: String
    /// What follows.
    package var verdict: Verdict
    /// The same for people, in one line.
    package var summary: String
    /// The names of what is lacking and needed.
    package var without: [String]
    /// Everything that was looked at, in order.
    package var checks: [Check]

    package init(martlet: String, kernel: String, architecture: String, checks: [Check]) {
        self.martlet = martlet
        self.kernel = kernel
        self.architecture = architecture
        self.checks = checks
        let blocking = checks.filter { $0.need == .required && $0.verdict == .failed }
        let lacking = checks.filter { $0.need != .optional && $0.isLacking }
        verdict = !blocking.isEmpty ? .cannotRun : lacking.isEmpty ? .everything : .degraded
        without = (blocking.isEmpty ? lacking : blocking).map(\.name)
        let names = without.joined(separator: ", ")
        switch verdict {
        case .everything: summary = "martlet runs here with everything"
        case .degraded: summary = "martlet runs here, without: \(names)"
        case .cannotRun: summary = "martlet cannot run here: \(names)"
        }
    }

    /// The hooks that this kernel does not have and that nothing depends on yet.
    var missingHooks: [String] {
        checks.filter { $0.group == .hooks && $0.need == .optional && $0.isLacking }.map(\.name)
    }
}
