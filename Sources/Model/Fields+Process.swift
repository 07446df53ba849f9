import CWire

extension Fields {
    private static let execTask = "task_struct at exec, fork or snapshot"
    private static let execFile = "linux_binprm->file at exec (mm->exe_file at snapshot): the file that runs"

    /// What an event says of its process as it was at that moment.
    static let moment: [Field] = [
        Field("tid", "number", "The thread that did it.", from: "current") {
            $0.tid.map { .number(Int64($0)) } ?? .absent
        },
        Field("euid", "number", "The effective user at that moment.", from: "current's credentials") {
            $0.tid == nil ? .absent : .number(Int64($0.header.uid))
        },
    ]

    /// What every event says of its process and parent: names, order and meaning are Tetragon's.
    static let identity: [Field] = [
        Field(
            process: "exec_id",
            "string",
            "Names the execution for good: base64 of node name, ns since boot when it began, and pid.",
            from: "kernel clock"
        ) { .execution($0.id) },
        Field(process: "pid", "number", "The process, numbered by the initial pid namespace.", from: execTask) {
            .number(Int64($0.id.tgid))
        },
        Field(process: "uid", "number", "The effective user at exec.", from: "task->cred") {
            $0.process.map { .number(Int64($0.pointee.credentials.euid)) } ?? .absent
        },
        Field(
            process: "cwd",
            "string",
            "The working directory at exec.",
            from: "task->fs->pwd, walked by dentry and mount"
        ) { path($0, \.cwd) },
        Field(
            process: "binary",
            "string",
            "The file that runs, resolved: no symbolic link, no argv[0], and for a script its interpreter.",
            from: execFile
        ) { path($0, \.binary) },
        Field(
            process: "arguments",
            "string",
            "argv without its first, joined by spaces; one with a space in it stands in quotes.",
            from: "the new program's stack right after the kernel wrote it; a process that ran before: its memory"
        ) { $0.string(\.args).map { .commandLine($0) } ?? .absent },
        Field(
            process: "flags",
            "string",
            "How it came to be known and what is odd: execve, procFS (already ran), clone (forked, no exec yet), miss, "
                + "truncArgs, errorArgs, nocwd, rootcwd, errorPathResolutionCwd.",
            from: "the agent"
        ) { .words(flags($0), flagNames) },
        Field(process: "start_time", "time", "When the execution began.", from: "kernel clock") { .time($0.wallTime) },
        Field(process: "auid", "number", "The login user; 4294967295 when there was no login.", from: "task->loginuid")
        {
            $0.process.map { .number(Int64($0.pointee.credentials.loginuid)) } ?? .absent
        },
    ]

    static let ancestry: [Field] = [
        Field(
            process: "parent_exec_id",
            "string",
            "The parent's execution.",
            from: "task->real_parent at fork, exec or snapshot"
        ) { $0.parentID.map { .execution($0) } ?? .absent }
    ]

    static let programDetails: [Field] = [
        Field(process: "comm", "string", "The thread's name right after exec.", from: "task->comm", isDetail: true) {
            $0.record.map { record in
                .text(record.name(MemoryLayout<mt_process>.offset(of: \.comm) ?? 0))
            } ?? .absent
        },
        Field(
            process: "filename",
            "string",
            "The path as execve was given it; of a script its own.",
            from: "linux_binprm->filename: the kernel's copy",
            isDetail: true
        ) { $0.string(\.filename).map { .text($0) } ?? .absent },
        Field(
            process: "interpreter",
            "string",
            "Of a script, the interpreter that its first line names.",
            from: "linux_binprm->interp: the kernel's copy",
            isDetail: true
        ) { $0.string(\.interpreter).map { .text($0) } ?? .absent },
        Field(process: "argc", "number", "How many arguments there were.", from: "linux_binprm->argc", isDetail: true) {
            guard let process = $0.process?.pointee, process.argc > 0 else { return .absent }
            return .number(Int64(process.argc))
        },
        Field(
            process: "argv",
            "list of strings",
            "The arguments one by one, the first included.",
            from: "as arguments",
            isDetail: true
        ) { $0.string(\.args).map { .strings($0) } ?? .absent },
        Field(
            process: "environment_variables",
            "list of {Key, Value}",
            "The variables whose names --env allows.",
            from: "the new program's stack right after the kernel wrote it",
            isDetail: true
        ) { $0.string(\.env).map { .variables($0) } ?? .absent },
        Field(
            process: "marks",
            "list of strings",
            "args_truncated, args_unreadable, source_proc (arguments came from /proc at start), upper_layer (the binary "
                + "is in an overlay's upper layer), script, deleted, memfd, kthread, cwd_… and binary_… "
                + "(truncated, unresolved, raced), cgroup_truncated, env_truncated.",
            from: "the kernel programs",
            isDetail: true
        ) { .list(marks($0), markNames) },
        Field(process: "tty", "string", "The controlling terminal.", from: "task->signal->tty", isDetail: true) {
            $0.string(\.tty).map { .text($0) } ?? .absent
        },
        Field(
            process: "cgroup",
            "string",
            "The control group's path in the v2 hierarchy; on a hybrid machine that of memory or pids.",
            from: "kernfs names from task->cgroups",
            isDetail: true
        ) { $0.string(\.cgroup).map { .text($0) } ?? .absent },
        Field(
            process: "cgroup_id",
            "number as string",
            "The control group in the v2 hierarchy.",
            from: "task->cgroups",
            isDetail: true
        ) { $0.process.map { .large($0.pointee.header.cgroup) } ?? .absent },
        Field(
            process: "ns_pid",
            "number",
            "The process as its own pid namespace numbers it.",
            from: "task->thread_pid",
            isDetail: true
        ) { $0.process.map { .number(Int64($0.pointee.ns_tgid)) } ?? .absent },
        Field(
            process: "old_tid",
            "number",
            "The thread that called execve, when it was not the leader.",
            from: "sched_process_exec",
            isDetail: true
        ) {
            guard let process = $0.process?.pointee, process.old_tid != 0, process.old_tid != process.header.tgid else {
                return .absent
            }
            return .number(Int64(process.old_tid))
        },
        Field(process: "seccomp", "string", "disabled, strict or filter.", from: "task->seccomp", isDetail: true) {
            guard let process = $0.process else { return .absent }
            return .name(["disabled", "strict", "filter"][Int(min(process.pointee.seccomp, 2))])
        },
        Field(
            process: "no_new_privs",
            "boolean",
            "Set: no exec can gain privileges.",
            from: "task->atomic_flags",
            isDetail: true
        ) { $0.process.map { .boolean($0.pointee.marks & UInt32(MT_PROCESS_NO_NEW_PRIVS) != 0) } ?? .absent },
        Field(
            process: "binary_properties.file.inode.number",
            "number as string",
            "The binary's inode.",
            from: execFile,
            isDetail: true
        ) { binary($0) { .large($0.binary.inode) } },
        Field(
            process: "binary_properties.file.inode.links",
            "number",
            "Its hard links; 0: deleted, or it never had a name (memfd).",
            from: execFile,
            isDetail: true
        ) { binary($0) { .number(Int64($0.links)) } },
        Field(
            process: "binary_properties.file.device",
            "string",
            "Its device, major:minor.",
            from: execFile,
            isDetail: true
        ) { binary($0) { .device($0.binary.device) } },
        Field(
            process: "binary_properties.file.mode",
            "string",
            "Its type and permissions, as ls shows them.",
            from: execFile,
            isDetail: true
        ) { binary($0) { .permissions($0.binary.mode) } },
    ]

    private static func binary(_ execution: Execution, _ value: (mt_process) -> FieldValue) -> FieldValue {
        guard let process = execution.process?.pointee, process.marks & UInt32(MT_PROCESS_NO_FILE) == 0 else {
            return .absent
        }
        return value(process)
    }

    private static func path(_ execution: Execution, _ path: KeyPath<mt_process, mt_path>) -> FieldValue {
        guard let record = execution.record else { return .absent }
        return Self.path(record.process.pointee[keyPath: path], in: record)
    }

    /// A path as users see it: what the kernel shows for files without one is made of the file system's kind.
    package static func path(_ path: mt_path, in record: Record) -> FieldValue {
        let pseudo = path.marks & UInt32(MT_MARK_PSEUDO) != 0
        guard let text = record.string(path.text) else {
            return pseudo
                ? .pseudoFile(UnsafeRawBufferPointer(start: nil, count: 0), magic: path.magic, inode: path.inode)
                : .absent
        }
        return pseudo ? .pseudoFile(text, magic: path.magic, inode: path.inode) : .text(text)
    }

    private static func flags(_ execution: Execution) -> UInt64 {
        var bits = execution.origin.rawValue
        guard let record = execution.record else { return bits }
        let process = record.process.pointee
        if process.marks & UInt32(MT_PROCESS_ARGS_TRUNCATED) != 0 { bits |= 1 << 4 }
        if process.marks & UInt32(MT_PROCESS_ARGS_UNREADABLE) != 0 { bits |= 1 << 5 }
        if process.cwd.marks & UInt32(MT_MARK_RACED | MT_MARK_UNRESOLVED | MT_MARK_TRUNCATED) != 0 { bits |= 1 << 8 }
        guard let cwd = record.string(process.cwd.text) else { return bits | 1 << 6 }
        if cwd.count == 1, cwd[0] == UInt8(ascii: "/") { bits |= 1 << 7 }
        return bits
    }

    private static let flagNames = NameTable([
        (1 << 0, "execve"), (1 << 1, "procFS"), (1 << 4, "truncArgs"), (1 << 3, "miss"), (1 << 5, "errorArgs"),
        (1 << 6, "nocwd"), (1 << 7, "rootcwd"), (1 << 2, "clone"), (1 << 8, "errorPathResolutionCwd"),
    ])

    /// The record's own marks in the low half, then those of the binary's and the working directory's paths.
    private static func marks(_ execution: Execution) -> UInt64 {
        guard let process = execution.process?.pointee else { return 0 }
        let memfd = process.binary.marks & UInt32(MT_MARK_PSEUDO) != 0
        return UInt64(process.marks) | UInt64(process.binary.marks) << 16 | UInt64(process.cwd.marks) << 24
            | (process.links == 0 && process.marks & UInt32(MT_PROCESS_NO_FILE) == 0 && !memfd ? 1 << 19 : 0)
    }

    private static let markNames = NameTable([
        (UInt64(MT_PROCESS_ARGS_TRUNCATED), "args_truncated"), (UInt64(MT_PROCESS_ARGS_UNREADABLE), "args_unreadable"),
        (UInt64(MT_PROCESS_FROM_PROC), "source_proc"), (UInt64(MT_PROCESS_UPPER_LAYER), "upper_layer"),
        (UInt64(MT_PROCESS_SCRIPT), "script"), (UInt64(MT_PROCESS_KTHREAD), "kthread"),
        (UInt64(MT_PROCESS_CGROUP_TRUNCATED), "cgroup_truncated"), (UInt64(MT_PROCESS_ENV_TRUNCATED), "env_truncated"),
        (1 << 16, "binary_truncated"), (1 << 17, "binary_unresolved"), (1 << 18, "binary_raced"), (1 << 19, "deleted"),
        (1 << 20, "memfd"), (1 << 24, "cwd_truncated"), (1 << 25, "cwd_unresolved"), (1 << 26, "cwd_raced"),
        (1 << 27, "cwd_deleted"),
    ])
}
