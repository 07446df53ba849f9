import Probes

/// What `/proc/PID/task/TID/status` says of what a thread may do.
package struct ThreadPrivileges: Sendable, Equatable {
    package var tid: Int32
    private let lines: [Substring: Substring]

    package init(tid: Int32, status: String) {
        self.tid = tid
        var lines: [Substring: Substring] = [:]
        for line in status.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { lines[parts[0]] = parts[1].drop { $0 == "\t" || $0 == " " } }
        }
        self.lines = lines
    }

    private func set(_ name: Substring) -> CapabilitySet? {
        lines[name].flatMap { UInt64($0, radix: 16) }.map { CapabilitySet(bits: $0) }
    }

    private func numbers(_ name: Substring) -> [UInt32] {
        (lines[name] ?? "").split { $0 == "\t" || $0 == " " }.compactMap { UInt32($0) }
    }

    /// What it has that it should not have, or the other way round; empty: all is as planned.
    ///
    /// - Parameters:
    ///   - plan: what the agent keeps.
    ///   - user, group: whom it should run as.
    package func differences(from plan: PrivilegePlan, user: UInt32, group: UInt32) -> [String] {
        var differences: [String] = []
        for (name, wanted) in [
            ("CapPrm", plan.capabilities), ("CapEff", plan.capabilities), ("CapInh", []), ("CapAmb", []),
        ] as [(Substring, CapabilitySet)] {
            guard let found = set(name) else {
                differences.append("\(name) is not told")
                continue
            }
            let (kept, lacks) = (found.subtracting(wanted), wanted.subtracting(found))
            if !kept.isEmpty { differences.append("kept \(kept) (\(name))") }
            if !lacks.isEmpty { differences.append("lacks \(lacks) (\(name))") }
        }
        for (name, wanted) in [("Uid", user), ("Gid", group)] as [(Substring, UInt32)] {
            let found = numbers(name)
            if found != [wanted, wanted, wanted, wanted] { differences.append("\(name) is \(found), not \(wanted)") }
        }
        if numbers("NoNewPrivs") != [1] { differences.append("is without no_new_privs") }
        if numbers("Seccomp") != [2] { differences.append("is without the seccomp filter") }
        return differences
    }
}
