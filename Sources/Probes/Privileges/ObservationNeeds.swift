/// One privilege more, and what it is good for.
package struct PrivilegeNeed: Sendable, Equatable {
    package var capabilities: CapabilitySet
    /// Whether nothing is seen without it.
    package var isRequired: Bool
    /// What works with it, in a few words.
    package var purpose: String
    /// Since when the kernel does without it.
    package var until: String?
    /// Who keeps it, when not the agent itself.
    package var helper: String?
}

extension Observation {
    /// What every observation needs: to load programs, and to have them read the kernel's memory.
    package static let needs = [
        PrivilegeNeed(capabilities: [.bpf], isRequired: true, purpose: "loading kernel programs and maps"),
        PrivilegeNeed(capabilities: [.perfmon], isRequired: true, purpose: "programs that read the kernel's memory"),
    ]

    /// What this one needs on a kernel, the least first.
    package func needs(on kernel: KernelAbilities) -> [PrivilegeNeed] {
        guard self == .shell else { return Self.needs }
        var needs = Self.needs
        if !kernel.hasUprobeLinks {
            needs.append(
                PrivilegeNeed(
                    capabilities: [.sysAdmin],
                    isRequired: true,
                    purpose: "hooks on functions of files",
                    until: "Linux 6.6",
                    helper: "martlet-attach"
                )
            )
        }
        needs.append(
            PrivilegeNeed(
                capabilities: [.sysPtrace, .dacReadSearch],
                isRequired: false,
                purpose: "shells in containers and in unusual places, found in other users' processes",
                helper: "martlet-look"
            )
        )
        return needs
    }
}
