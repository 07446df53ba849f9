import UserInput

/// The kernel's capabilities by name (`include/uapi/linux/capability.h`).
package enum Capability {
    /// In the order of their numbers, without `CAP_`.
    package static let names = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]

    /// The number of a name; `CAP_` may be missing, as it was of one name in policies of other agents.
    package static func number(_ name: some StringProtocol) -> Int? {
        let name = name.hasPrefix("CAP_") ? String(name.dropFirst(4)) : String(name)
        return names.firstIndex(of: name)
    }

    /// What was probably meant, as it is written.
    package static func nearest(_ name: String) -> String? {
        NearestName.of(name.hasPrefix("CAP_") ? name : "CAP_" + name, among: names.map { "CAP_" + $0 })
    }

    /// The names in a mask.
    package static func names(in mask: UInt64) -> [String] {
        names.indices.filter { mask >> UInt64($0) & 1 == 1 }.map { "CAP_" + names[$0] }
    }
}
