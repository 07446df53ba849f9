import Glibc

extension Doctor {
    static func containerChecks() -> [Check] {
        let cgroups = CgroupHierarchy(mounts: SystemFile.text("/proc/self/mounts") ?? "")
        return [
            Check(
                .containers,
                "cgroups",
                cgroups.mode == .none ? .degraded : .ok,
                cgroups.text,
                remedy: cgroups.mode == .none ? "mount -t cgroup2 none /sys/fs/cgroup" : nil
            ),
            inside(), namespace("pid"), namespace("time"),
        ] + ContainerSocket.all.map(\.check)
    }

    private static func inside() -> Check {
        let environment = SystemFile.text("/proc/1/environ") ?? ""
        let variable = environment.split(separator: "\0").first { $0.hasPrefix("container=") }?.dropFirst(
            "container=".count
        )
        let name =
            variable.map(String.init) ?? SystemFile.text("/run/systemd/container")
            ?? (SystemFile.exists("/run/.containerenv") ? "podman" : nil)
            ?? (SystemFile.exists("/.dockerenv") ? "docker" : nil)
        guard let name else { return Check(.containers, "container", .ok, "martlet is in none") }
        return Check(
            .containers,
            "container",
            .ok,
            "martlet is in one (\(name)), and sees the whole machine all the same"
        )
    }

    private static func namespace(_ kind: String) -> Check {
        switch isHosts(kind) {
        case true: Check(.containers, "\(kind)-namespace", .ok, "the machine's own")
        case nil: Check(.containers, "\(kind)-namespace", .notApplicable, "this kernel has no such namespaces")
        default:
            kind == "pid"
                ? Check(
                    .containers,
                    "pid-namespace",
                    .degraded,
                    "not the machine's own: events have other pids than this shell's",
                    remedy: "docker run --pid host, hostPID: true"
                )
                : Check(
                    .containers,
                    "\(kind)-namespace",
                    .ok,
                    "one of its own; times are those of the machine all the same"
                )
        }
    }
}
