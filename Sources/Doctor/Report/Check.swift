/// One thing that was looked at: what was found, and what to do about it.
package struct Check: Codable, Sendable, Equatable {
    /// What it is about; reports keep this order.
    package enum Group: String, Codable, Sendable, CaseIterable {
        case kernel, privileges, observations, hooks, machine, containers

        var title: String {
            switch self {
            case .kernel: "Kernel"
            case .privileges: "Privileges"
            case .observations: "What martlet run watches"
            case .hooks: "Further hooks and features, each tried"
            case .machine: "Machine"
            case .containers: "Containers"
            }
        }
    }

    /// How it stands.
    package enum Verdict: String, Codable, Sendable {
        case ok
        /// It works, but less well than it could.
        case degraded
        /// It does not work.
        case failed
        /// It does not matter here, or could not be tried.
        case notApplicable = "not-applicable"
    }

    /// What hangs on it.
    package enum Need: String, Codable, Sendable {
        /// Without it Martlet cannot run.
        case required
        /// Without it some events are missing.
        case feature
        /// Martlet makes use of it where it can, and does without.
        case optional
    }

    /// Which group it stands in.
    package var group: Group
    /// Its name, which stays the same in all reports.
    package var name: String
    /// What hangs on it.
    package var need: Need
    /// How it stands.
    package var verdict: Verdict
    /// What was found, in one line.
    package var found: String
    /// The lines of the verifier's or libbpf's log that decide.
    package var log: [String]
    /// What to do, when something is to be done.
    package var remedy: String?
    /// The privileges that it needs or could use; of `doctor --user` alone.
    package var privileges: [Privilege]?

    /// A privilege, and what it is good for.
    package struct Privilege: Codable, Sendable, Equatable {
        /// Capabilities, or a group.
        package var name: String
        /// Whether this process has it.
        package var held: Bool
        /// Whether nothing works without it.
        package var required: Bool
        /// What works with it.
        package var purpose: String
        /// From when on the kernel does without it.
        package var until: String?
        /// The process that keeps it, when not the agent itself.
        package var helper: String?

        package init(
            _ name: String,
            held: Bool,
            required: Bool,
            _ purpose: String,
            until: String? = nil,
            helper: String? = nil
        ) {
            self.name = name
            self.held = held
            self.required = required
            self.purpose = purpose
            self.until = until
            self.helper = helper
        }
    }

    package init(
        _ group: Group,
        _ name: String,
        _ verdict: Verdict,
        _ found: String,
        need: Need = .optional,
        log: [String] = [],
        remedy: String? = nil,
        privileges: [Privilege]? = nil
    ) {
        self.group = group
        self.name = name
        self.need = need
        self.verdict = verdict
        self.found = found
        self.log = log
        self.remedy = remedy
        self.privileges = privileges
    }

    /// Worth a line of the verdict: it does not work, or not as it should.
    var isLacking: Bool { verdict == .failed || verdict == .degraded }
}
