import BPF

/// What the kernel has, as far as privileges depend on it.
package struct KernelAbilities: Sendable, Equatable {
    /// Hooks on functions of files by links of the kernel's own: since Linux 6.6.
    package var hasUprobeLinks: Bool
    /// Maps count against RLIMIT_MEMLOCK: before Linux 5.11.
    package var countsLockedMemory: Bool
    /// The version of Landlock; nil where there is none, or it is not active.
    package var landlock: Int?

    package init(hasUprobeLinks: Bool = true, countsLockedMemory: Bool = false, landlock: Int? = nil) {
        self.hasUprobeLinks = hasUprobeLinks
        self.countsLockedMemory = countsLockedMemory
        self.landlock = landlock
    }
}

/// One privilege more, and what it is good for.
package struct PrivilegeNeed: Sendable, Equatable {
    package var capabilities: CapabilitySet
    /// Whether nothing is seen without it.
    package var isRequired: Bool
    /// What works with it, in a few words.
    package var purpose: String
    /// Who keeps it, when not the agent itself.
    package var helper: String?
}

extension Observation {
    /// What every observation needs: to load programs, and to have them read the kernel's memory.
    package static let needs = PrivilegeNeed(
        capabilities: [.bpf, .perfmon],
        isRequired: true,
        purpose: "loading kernel programs, and their reading of kernel memory"
    )

    /// What this one needs on a kernel, the least first.
    package func needs(on kernel: KernelAbilities) -> [PrivilegeNeed] {
        guard self == .shell else { return [Self.needs] }
        var needs = [Self.needs]
        if !kernel.hasUprobeLinks {
            needs.append(
                PrivilegeNeed(
                    capabilities: [.sysAdmin],
                    isRequired: true,
                    purpose: "hooks on functions of files before Linux 6.6",
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
