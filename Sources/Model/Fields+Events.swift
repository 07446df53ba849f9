import CWire

extension Fields {
    private static let registers = "the registers saved at entry, read when the call returns"

    static let open: [Field] = [
        Field("operation", "string", "open, openat, openat2 or creat.", from: registers) {
            .name((["open", "openat", "openat2", "creat"] as [StaticString])[Int(min($0.open.pointee.call, 3))])
        },
        Field(
            "name",
            "string",
            "The path as the caller gave it.",
            from: "the caller's memory, when the call returns: another of its threads may have changed it since"
        ) { record in record.string(record.open.pointee.name).map { .text($0) } ?? .absent },
        Field(
            "path",
            "string",
            "What was opened, from the root of the mount namespace; absent when nothing was.",
            from: "the new descriptor's file, walked by dentry and mount when the call returns: a thread that shares "
                + "the descriptors may have replaced it since"
        ) { Self.path($0.open.pointee.path, in: $0) },
        Field(
            "dfd",
            "number",
            "The directory descriptor that name is relative to; -100 is the working directory.",
            from: registers
        ) {
            .number(Int64($0.open.pointee.dfd))
        },
        Field("flags", "string", "O_… joined by |.", from: registers + "; openat2: the caller's memory then") {
            howMissing($0) ? .absent : .words($0.open.pointee.flags, openFlagNames)
        },
        Field("mode", "string", "For a file that the call may create, in octal.", from: registers) {
            let open = $0.open.pointee
            // O_CREAT, O_TMPFILE: otherwise the argument is not looked at
            return howMissing($0) || open.flags & 0o20000100 == 0 ? .absent : .octal(open.mode)
        },
        Field(
            "resolve",
            "string",
            "openat2's RESOLVE_…, joined by |.",
            from: "the caller's memory, when the call returns"
        ) {
            let open = $0.open.pointee
            return open.resolve == 0 || howMissing($0) ? .absent : .words(open.resolve, resolveNames)
        },
        Field("result", "number", "The new descriptor, or minus the error number.", from: "the call's result") {
            .number(Int64($0.open.pointee.result))
        },
        Field("error", "string", "The error's name.", from: "the call's result") {
            $0.open.pointee.result < 0 ? .errno(0 &- $0.open.pointee.result) : .absent
        },
        Field("inode", "number as string", "Of the file that was opened.", from: "its inode") {
            file($0) { .large($0.inode) }
        },
        Field("device", "string", "Of the file that was opened, major:minor.", from: "its superblock") {
            file($0) { .device($0.device) }
        },
        Field(
            "permission",
            "string",
            "Type and permissions of the file that was opened, as ls shows them.",
            from: "its inode"
        ) {
            file($0) { .permissions($0.mode) }
        },
        Field(
            "marks",
            "list of strings",
            "path_truncated (its end is given), path_unresolved, path_raced (renamed under way: no path), deleted, "
                + "pseudo (a pipe, socket, memfd), name_truncated, name_unreadable, how_unreadable, compat (a 32-bit call).",
            from: "the kernel program"
        ) { .list(UInt64($0.open.pointee.path.marks) | UInt64($0.open.pointee.marks) << 16, markNames) },
    ]

    static let exit: [Field] = [
        Field("signal", "string", "What killed it.", from: "signal->group_exit_code, or the leader's exit_code") {
            let signal = $0.exit.pointee.status & 0x7f
            return signal == 0 ? .absent : .signal(signal)
        },
        Field("status", "number", "What it exited with; absent when a signal killed it.", from: "as signal") {
            let status = $0.exit.pointee.status
            return status & 0x7f != 0 ? .absent : .number(Int64(status >> 8 & 0xff))
        },
        Field("core_dumped", "boolean", "Whether a core was written; absent when not.", from: "as signal") {
            $0.exit.pointee.status & 0x80 == 0 ? .absent : .boolean(true)
        },
    ]

    static let execFailed: [Field] = [
        Field(
            "filename",
            "string",
            "The path as execve was given it.",
            from: "the caller's memory, when the call returns"
        ) { record in record.string(record.execFailed.pointee.filename).map { .text($0) } ?? .absent },
        Field("argv", "list of strings", "The arguments.", from: "the caller's memory, when the call returns") {
            record in
            record.string(record.execFailed.pointee.args).map { .strings($0) } ?? .absent
        },
        Field("argc", "number", "How many arguments were counted.", from: "as argv") {
            .number(Int64($0.execFailed.pointee.argc))
        },
        Field("dfd", "number", "execveat's directory descriptor; -100 is the working directory.", from: registers) {
            .number(Int64($0.execFailed.pointee.dfd))
        },
        Field("result", "number", "Minus the error number.", from: "the call's result") {
            .number(Int64($0.execFailed.pointee.result))
        },
        Field("error", "string", "The error's name.", from: "the call's result") {
            .errno(0 &- $0.execFailed.pointee.result)
        },
        Field(
            "marks",
            "list of strings",
            "args_truncated, args_unreadable, name_truncated, name_unreadable.",
            from: "the kernel program"
        ) { .list(UInt64($0.execFailed.pointee.marks), execFailedMarkNames) },
    ]

    static let shell: [Field] = [
        Field(
            "line",
            "string",
            "The line as readline gave it to the program, without its end; empty when only Enter was pressed.",
            from: "the shell's memory, when readline returns"
        ) { record in record.string(record.shell.pointee.line).map { .text($0) } ?? .absent },
        Field(
            "marks",
            "list of strings",
            "line_truncated (longer than --line-limit: its beginning is told), line_unreadable (what follows could not be read).",
            from: "the kernel program"
        ) { .list(UInt64($0.shell.pointee.marks), shellMarkNames) },
    ]

    static let loss: [Field] = [
        Field(
            "event",
            "string",
            "Which events were lost; absent when that is not known.",
            from: "the kernel's and the agent's counters"
        ) {
            UInt16(exactly: $0.loss.pointee.kind).flatMap(EventKind.init).map { .name($0.name) } ?? .absent
        },
        Field(
            "reason",
            "string",
            "One of the reasons of losses, such as ring_full.",
            from: "as event"
        ) { DropReason(rawValue: Int($0.loss.pointee.reason)).map { .name($0.name) } ?? .absent },
        Field("count", "number as string", "How many, since the last such event.", from: "as event") {
            .large($0.loss.pointee.count)
        },
    ]

    static let heartbeat: [Field] = [
        Field(
            "lane",
            "number",
            "The lane that it came through; 0 is the life-cycle lane.",
            from: "the agent's own call"
        ) {
            .number(Int64($0.heartbeat.pointee.lane))
        },
        Field("number", "number", "Counts from 1.", from: "the agent's own call") {
            .number(Int64($0.heartbeat.pointee.number))
        },
    ]

    private static func howMissing(_ record: Record) -> Bool {
        record.open.pointee.marks & UInt16(MT_OPEN_HOW_UNREADABLE) != 0
    }

    private static func file(_ record: Record, _ value: (mt_path) -> FieldValue) -> FieldValue {
        let path = record.open.pointee.path
        return path.inode == 0 ? .absent : value(path)
    }

    /// `include/uapi/asm-generic/fcntl.h`; x86 and arm64 differ in O_DIRECT, O_LARGEFILE, O_DIRECTORY and O_NOFOLLOW.
    private static let openFlagNames: NameTable = {
        #if arch(arm64)
            let differing: [(bits: UInt64, name: StaticString)] = [
                (0o200000, "O_DIRECT"), (0o400000, "O_LARGEFILE"), (0o40000, "O_DIRECTORY"), (0o100000, "O_NOFOLLOW"),
            ]
            let temporary: UInt64 = 0o20040000
        #else
            let differing: [(bits: UInt64, name: StaticString)] = [
                (0o40000, "O_DIRECT"), (0o100000, "O_LARGEFILE"), (0o200000, "O_DIRECTORY"), (0o400000, "O_NOFOLLOW"),
            ]
            let temporary: UInt64 = 0o20200000
        #endif
        let common: [(bits: UInt64, name: StaticString)] = [
            (0o100, "O_CREAT"), (0o200, "O_EXCL"), (0o400, "O_NOCTTY"), (0o1000, "O_TRUNC"), (0o2000, "O_APPEND"),
            (0o4000, "O_NONBLOCK"), (0o4010000, "O_SYNC"), (0o10000, "O_DSYNC"), (0o20000, "O_ASYNC"),
            (temporary, "O_TMPFILE"),
        ]
        return NameTable(
            separator: "|",
            showsRest: true,
            [(0o3, "O_ACCMODE"), (0o2, "O_RDWR"), (0o1, "O_WRONLY"), (0, "O_RDONLY")] + common + differing + [
                (0o1000000, "O_NOATIME"), (0o2000000, "O_CLOEXEC"), (0o10000000, "O_PATH"),
            ]
        )
    }()

    private static let resolveNames = NameTable(
        separator: "|",
        showsRest: true,
        [
            (0x01, "RESOLVE_NO_XDEV"), (0x02, "RESOLVE_NO_MAGICLINKS"), (0x04, "RESOLVE_NO_SYMLINKS"),
            (0x08, "RESOLVE_BENEATH"), (0x10, "RESOLVE_IN_ROOT"), (0x20, "RESOLVE_CACHED"),
        ]
    )

    private static let markNames = NameTable([
        (UInt64(MT_MARK_TRUNCATED), "path_truncated"), (UInt64(MT_MARK_UNRESOLVED), "path_unresolved"),
        (UInt64(MT_MARK_RACED), "path_raced"), (UInt64(MT_MARK_DELETED), "deleted"), (UInt64(MT_MARK_PSEUDO), "pseudo"),
        (UInt64(MT_OPEN_NAME_TRUNCATED) << 16, "name_truncated"),
        (UInt64(MT_OPEN_NAME_UNREADABLE) << 16, "name_unreadable"),
        (UInt64(MT_OPEN_HOW_UNREADABLE) << 16, "how_unreadable"), (UInt64(MT_OPEN_COMPAT) << 16, "compat"),
    ])

    private static let shellMarkNames = NameTable([
        (UInt64(MT_SHELL_TRUNCATED), "line_truncated"), (UInt64(MT_SHELL_UNREADABLE), "line_unreadable"),
    ])

    private static let execFailedMarkNames = NameTable([
        (UInt64(MT_PROCESS_ARGS_TRUNCATED), "args_truncated"), (UInt64(MT_PROCESS_ARGS_UNREADABLE), "args_unreadable"),
        (UInt64(MT_OPEN_NAME_TRUNCATED) << 16, "name_truncated"),
        (UInt64(MT_OPEN_NAME_UNREADABLE) << 16, "name_unreadable"),
    ])
}
