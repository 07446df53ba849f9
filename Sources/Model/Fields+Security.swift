import CWire

extension Fields {
    static let credentialDetails: [Field] =
        [
            capability("permitted", \.permitted), capability("effective", \.effective),
            capability("inheritable", \.inheritable), capability("bounding", \.bounding),
            capability("ambient", \.ambient),
            credential("uid", \.uid, "Real user."), credential("gid", \.gid, "Real group."),
            credential("euid", \.euid, "Effective user."), credential("egid", \.egid, "Effective group."),
            credential("suid", \.suid, "Saved user."), credential("sgid", \.sgid, "Saved group."),
            credential("fsuid", \.fsuid, "User for file access."),
            credential("fsgid", \.fsgid, "Group for file access."),
        ] + [
            Field(
                process: "process_credentials.securebits",
                "list of strings",
                "How root and capabilities mix.",
                from: "task->cred",
                isDetail: true
            ) { $0.process.map { .list(UInt64($0.pointee.credentials.securebits), securebitNames) } ?? .absent }
        ]

    static let namespaceDetails: [Field] = [
        namespace("uts", \.uts), namespace("ipc", \.ipc), namespace("mnt", \.mnt), namespace("pid", \.pid),
        namespace("pid_for_children", \.pid_for_children), namespace("net", \.net), namespace("time", \.time),
        namespace("time_for_children", \.time_for_children), namespace("cgroup", \.cgroup), namespace("user", \.user),
    ]

    private static func capability(_ name: String, _ set: any KeyPath<mt_credentials, UInt64> & Sendable) -> Field {
        Field(
            process: "cap.\(name)",
            "list of strings",
            "The \(name) capabilities.",
            from: "task->cred",
            isDetail: true
        ) { $0.process.map { .list($0.pointee.credentials[keyPath: set], capabilityNames) } ?? .absent }
    }

    private static func credential(
        _ name: String,
        _ id: any KeyPath<mt_credentials, UInt32> & Sendable,
        _ summary: String
    ) -> Field {
        Field(process: "process_credentials.\(name)", "number", summary, from: "task->cred", isDetail: true) {
            $0.process.map { .number(Int64($0.pointee.credentials[keyPath: id])) } ?? .absent
        }
    }

    private static func namespace(_ name: String, _ inum: any KeyPath<mt_namespaces, UInt32> & Sendable) -> Field {
        Field(
            process: "ns.\(name)",
            "object",
            "Inode number of /proc/PID/ns/\(name), and whether the first process is in it.",
            from: name == "pid" ? "task->thread_pid" : name == "user" ? "task->cred" : "task->nsproxy",
            isDetail: true
        ) { execution in
            guard let own = execution.process?.pointee.namespaces[keyPath: inum], own != 0 else { return .absent }
            return .namespace(own, isHost: execution.hostNamespaces.map { $0[keyPath: inum] == own })
        }
    }

    package static let securebitNames = NameTable([
        (1 << 0, "SecBitNoRoot"), (1 << 1, "SecBitNoRootLocked"), (1 << 2, "SecBitNoSetUidFixup"),
        (1 << 3, "SecBitNoSetUidFixupLocked"), (1 << 4, "SecBitKeepCaps"), (1 << 5, "SecBitKeepCapsLocked"),
        (1 << 6, "SecBitNoCapAmbientRaise"), (1 << 7, "SecBitNoCapAmbientRaiseLocked"),
    ])

    /// `include/uapi/linux/capability.h`; those of a later kernel come as a number.
    package static let capabilityNames = NameTable(
        showsRest: true,
        zip(
            0...,
            [
                "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
                "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE",
                "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE",
                "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT",
                "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
                "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN",
                "CAP_SYSLOG",
                "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
                "CAP_CHECKPOINT_RESTORE",
            ] as [StaticString]
        ).map { (bits: UInt64(1) << UInt64($0), name: $1) }
    )
}
