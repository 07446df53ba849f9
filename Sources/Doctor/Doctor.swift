import Glibc
import Probes

/// Looks at this machine, tries every hook, and leaves nothing behind.
package enum Doctor {
    /// All checks, in order. Takes some seconds at most; needs no privileges, but tells less without them.
    package static func examine(martlet version: String) -> Report {
        let name = SystemName()
        let privileges = Privileges()
        var checks = kernelChecks(name)
        checks += privilegeChecks(privileges, name)
        checks += Observation.allCases.map { check($0, privileges) }
        checks.append(snapshotCheck(privileges))
        checks += Upgrade.allCases.map { check($0, privileges) }
        checks += machineChecks(privileges)
        checks += containerChecks()
        return Report(martlet: version, kernel: name.release, architecture: name.machine, checks: checks)
    }
}

/// What this process may do.
struct Privileges {
    let capabilities = Capabilities(status: SystemFile.text("/proc/self/status") ?? "")

    /// Why hooks cannot be tried at all; nil when they can.
    var obstacle: String? {
        capabilities.canTrace ? nil : "not tried: needs root, or CAP_BPF and CAP_PERFMON"
    }
}
