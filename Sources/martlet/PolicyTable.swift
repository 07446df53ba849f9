import MartletV1

/// The policies of a daemon as people read them: a line for each, and below it what does not work.
enum PolicyTable {
    static func text(of policies: [Martlet_V1_Policy]) -> String {
        guard !policies.isEmpty else { return "no policies\n" }
        let head = ["NAME", "STATE", "MODE", "HOOKS", "MATCHED", "POSTED", "SUPPRESSED", "MEMORY", "FROM"]
        var text = ""
        for (index, line) in TextTable.lines([head] + policies.map(row)).enumerated() {
            text += line + "\n"
            if index > 0 { text += problems(policies[index - 1]).map { "  \($0)\n" }.joined() }
        }
        return text
    }

    private static func row(_ policy: Martlet_V1_Policy) -> [String] {
        let working = policy.hooks.count(where: \.working)
        return [
            policy.id.text, state(policy.state), policy.mode, "\(working)/\(policy.hooks.count)", "\(policy.matched)",
            "\(policy.posted)", "\(policy.suppressed)", "\((policy.kernelMemoryBytes + 1023) / 1024)K",
            policy.file.isEmpty ? "api" : policy.file,
        ]
    }

    private static func problems(_ policy: Martlet_V1_Policy) -> [String] {
        let own = policy.error.isEmpty ? [] : [policy.error]
        // Of one that is switched off nothing is to be hooked.
        guard policy.state != .disabled else { return own }
        return own
            + policy.hooks.filter { !$0.working }.map { hook in
                "\(hook.section) \(hook.target): \(hook.problem.isEmpty ? "not attached" : hook.problem)"
            }
    }

    private static func state(_ state: Martlet_V1_PolicyState) -> String {
        switch state {
        case .enabled: "enabled"
        case .disabled: "disabled"
        case .partiallyEnabled: "partial"
        case .error: "error"
        case .unspecified, .UNRECOGNIZED: "unknown"
        }
    }
}

extension Martlet_V1_Policy {
    fileprivate var id: Martlet_V1_PolicyName {
        .with {
            $0.name = name
            $0.namespace = namespace
        }
    }
}

extension Martlet_V1_PolicyName {
    /// `NAMESPACE/NAME`, or the name alone.
    var text: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}
