import Glibc

extension Doctor {
    static func privilegeChecks(_ privileges: Privileges, _ name: SystemName) -> [Check] {
        [
            capabilities(privileges.capabilities), userNamespace(), memoryLock(name), unprivileged(),
            told("perf-event-paranoid", "/proc/sys/kernel/perf_event_paranoid"),
            told("kptr-restrict", "/proc/sys/kernel/kptr_restrict"),
        ]
    }

    /// Whether this process may load programs.
    package static func capabilities(_ capabilities: Capabilities) -> Check {
        guard capabilities.canTrace else {
            return Check(
                .privileges,
                "capabilities",
                .failed,
                "missing: \(capabilities.missing.joined(separator: ", "))",
                need: .required,
                remedy: "run as root, or with CAP_BPF and CAP_PERFMON"
            )
        }
        let names = capabilities.present.joined(separator: ", ")
        return Check(.privileges, "capabilities", .ok, names, need: .required)
    }

    private static func userNamespace() -> Check {
        isHosts("user") == false
            ? Check(
                .privileges,
                "user-namespace",
                .failed,
                "not the machine's own: its capabilities do not count for kernel programs",
                need: .required,
                remedy: "start martlet outside of rootless containers and unshare --user"
            ) : Check(.privileges, "user-namespace", .ok, "the machine's own", need: .required)
    }

    private static func memoryLock(_ name: SystemName) -> Check {
        guard let release = KernelRelease(name.release), release < KernelRelease(5, 11) else {
            return Check(.privileges, "memlock", .notApplicable, "no limit for maps since Linux 5.11")
        }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(8), &limit)
        let isEnough =
            limit.rlim_max == rlim_t.max
            || Capabilities(status: SystemFile.text("/proc/self/status") ?? "")
                .has(.sysResource)
        if isEnough { return Check(.privileges, "memlock", .ok, "can be raised as far as maps need it") }
        return Check(
            .privileges,
            "memlock",
            .degraded,
            "RLIMIT_MEMLOCK ends at \(limit.rlim_max >> 10) KiB, which maps count against before Linux 5.11",
            remedy: "ulimit -l unlimited, LimitMEMLOCK=infinity, or CAP_SYS_RESOURCE"
        )
    }

    private static func unprivileged() -> Check {
        switch SystemFile.text("/proc/sys/kernel/unprivileged_bpf_disabled") {
        case "0":
            Check(
                .privileges,
                "unprivileged-bpf",
                .degraded,
                "allowed: any user may load programs; Martlet does not need that",
                remedy: "sysctl kernel.unprivileged_bpf_disabled=2"
            )
        case nil: Check(.privileges, "unprivileged-bpf", .notApplicable, "not told")
        default: Check(.privileges, "unprivileged-bpf", .ok, "disabled")
        }
    }

    /// A setting that explains other findings.
    private static func told(_ name: String, _ path: String) -> Check {
        SystemFile.text(path).map { Check(.privileges, name, .ok, $0) }
            ?? Check(.privileges, name, .notApplicable, "not told")
    }

    /// The machine's first namespaces have fixed inodes: `include/linux/proc_ns.h`. Nil when the kernel has no such kind.
    static func isHosts(_ namespace: String) -> Bool? {
        let inodes: [String: UInt64] = [
            "cgroup": 0xefff_fffb, "user": 0xefff_fffd, "pid": 0xefff_fffc, "time": 0xefff_fffa,
        ]
        return SystemFile.inode("/proc/self/ns/\(namespace)").map { $0 == inodes[namespace] }
    }
}
