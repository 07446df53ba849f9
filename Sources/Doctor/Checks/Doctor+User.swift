import Glibc
import Probes
import UserInput

/// What one user can watch, as opposed to what the machine has.
extension Doctor {
    /// Tries every observation with the privileges of this process, and tells what each further privilege would add.
    package static func examineUser(martlet version: String) -> Report {
        let name = SystemName()
        let privileges = Privileges()
        let kernel = KernelAbilities.current()
        let held = privileges.capabilities.set
        var checks = privilegeChecks(privileges, name).filter { $0.need == .required || $0.name == "memlock" }
        checks.append(landlock(kernel))
        checks += Observation.allCases.map { observation in
            privileged(check(observation, privileges), observation, held, kernel)
        }
        checks += ContainerSocket.all.map { privileged($0, held) }
        return Report(martlet: version, kernel: name.release, architecture: name.machine, checks: checks)
    }

    /// What was found by trying, with the privileges that the observation needs and could use.
    package static func privileged(
        _ tried: Check,
        _ observation: Observation,
        _ held: CapabilitySet,
        _ kernel: KernelAbilities
    ) -> Check {
        var check = tried
        // CAP_SYS_ADMIN stands for both that tracing asks for.
        var held = held
        if held.contains(.sysAdmin) { held.formUnion([.bpf, .perfmon]) }
        let needs = observation.needs(on: kernel)
        check.privileges = needs.map { need in
            Check.Privilege(
                need.capabilities.names.joined(separator: ", "),
                held: held.isSuperset(of: need.capabilities),
                required: need.isRequired,
                need.purpose,
                until: need.until,
                helper: need.helper
            )
        }
        let lacking = { (isRequired: Bool) in
            needs.filter { $0.isRequired == isRequired && !held.isSuperset(of: $0.capabilities) }
                .flatMap { $0.capabilities.subtracting(held).names }.joined(separator: ", ")
        }
        if !lacking(true).isEmpty {
            check.verdict = .failed
            check.found = "not with these privileges: \(lacking(true)) is missing"
            check.log = []
            check.remedy = "add \(lacking(true))"
        } else if !lacking(false).isEmpty, check.verdict == .ok {
            check.verdict = .degraded
            check.found += "; less than with \(lacking(false))"
            check.remedy = "add \(lacking(false)), or run as root with run-as"
        }
        return check
    }

    private static func landlock(_ kernel: KernelAbilities) -> Check {
        guard let version = kernel.landlock else {
            let found =
                "this kernel has none, or it is not active: with run-as, permissions alone say where files are written"
            return Check(.privileges, "landlock", .notApplicable, found)
        }
        return Check(.privileges, "landlock", .ok, "version \(version)")
    }

    /// Whether an engine's socket may be connected to.
    private static func privileged(_ socket: ContainerSocket, _ held: CapabilitySet) -> Check {
        var check = socket.check
        guard let path = socket.paths.first(where: SystemFile.exists) else { return check }
        var information = stat()
        guard stat(path, &information) == 0 else { return check }
        let isOpen = access(path, R_OK | W_OK) == 0
        let group = AccountFile.name(of: information.st_gid, in: AccountFile.groups) ?? "\(information.st_gid)"
        check.privileges = [
            Check.Privilege("group \(group)", held: isOpen, required: false, "names of \(socket.runtime)'s containers"),
            Check.Privilege(
                Capability.dacOverride.name,
                held: held.contains(.dacOverride),
                required: false,
                "the same without that group, which may do anything",
                helper: "martlet-connect"
            ),
        ]
        return check
    }
}
