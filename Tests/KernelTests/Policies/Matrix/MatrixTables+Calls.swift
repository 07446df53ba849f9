import Foundation

/// System calls, tracepoints, and functions of programs.
extension MatrixTables {
    private static let offsets: [Int64] = [7_777_001, 7_777_002, -7_777_003]

    /// lseek with an offset that nobody else uses, on each of the files.
    private static func seeks(_ places: MatrixPlaces) -> [[[String]]] {
        zip(places.files, offsets).map { file, offset in
            places.open(file, then: ["lseek", "r:0", "\(offset)", "99"])
        }
    }

    static func systemCalls(_ places: MatrixPlaces) -> [MatrixGroup] {
        let narrow: [Int64] = [-3, 5, 100]
        let widths: [Int64] = [1, 16, 24]
        let abc = "abc"
        let writes = ["first text", "other text", "other one"]
        let sockets = places.files.map { ["connect", "r:0", MatrixPlaces.unixAddress($0), "\($0.utf8.count + 3)"] }
        return [
            MatrixGroup(
                section: "syscalls",
                hook: "call: sys_lseek",
                calls: seeks(places),
                cases: texts("fd", places.files) + numbers("int64", offsets, at: 1)
                    + [MatrixCase("uint64", "GT", ["7777002"], "c", at: 1), read("nop", abc)]
                    + processes(abc, places),
                gate: "{args: [1], operator: InMap, values: [\"7777001\", \"7777002\", \"-7777003\"]}",
                gateArgument: "{index: 1, type: int64}"
            ),
            // fadvise64(fd, offset, length, advice): refused for what is no file.
            MatrixGroup(
                section: "syscalls",
                hook: "call: sys_fadvise64",
                calls: narrow.enumerated().map { [["fadvise64", "-1", "\($1)", "\(widths[$0])", "\($1)"]] },
                cases: ["int8", "int16", "int32", "int64"].flatMap { numbers($0, narrow, at: 1) }
                    + ["uint8", "uint16", "uint32", "uint64", "size_t"].flatMap { numbers($0, widths, at: 2) }
                    + [MatrixCase("int", "Equal", ["-3"], "a", at: 3)]
            ),
            MatrixGroup(
                section: "syscalls",
                hook: "call: sys_openat",
                calls: places.files.map { places.open($0) },
                cases: texts("string", places.files, at: 1),
                gate: "{args: [1], operator: Prefix, values: [\"\(places.base)/\"]}",
                gateArgument: "{index: 1, type: string}"
            ),
            MatrixGroup(
                section: "syscalls",
                hook: "call: sys_write",
                calls: writes.map {
                    places.open("/dev/null", then: ["write", "r:0", "s:\($0)", "\($0.utf8.count)"], flags: O_WRONLY)
                },
                cases: texts("char_buf", writes, at: 1, more: "sizeArgIndex: 3")
                    + numbers("int64", writes.map { Int64($0.utf8.count) }, at: -1)
                    + numbers("int32", writes.map { Int64($0.utf8.count) }, at: -1),
                gate: "{args: [1], operator: Equal, values: [/dev/null]}",
                gateArgument: "{index: 0, type: fd}"
            ),
            MatrixGroup(
                section: "syscalls",
                hook: "call: sys_writev",
                calls: [places.open("/dev/null", then: ["writev", "r:0", "v:one|two|three", "3"], flags: O_WRONLY)],
                cases: [read("char_iovec", "a", at: 1, more: "sizeArgIndex: 3", holds: ["onetwothree"])]
            ),
            MatrixGroup(
                section: "syscalls",
                hook: "call: sys_connect",
                calls: MatrixPlaces.connects(2),
                cases: addresses(at: 1)
            ),
            MatrixGroup(
                section: "syscalls",
                hook: "call: sys_connect",
                calls: sockets.map { [["socket", "1", "1", "0"], $0, ["close", "r:0"]] },
                cases: texts("sockaddr_un", places.files, at: 1)
                    + [MatrixCase("sockaddr_un", "Family", ["AF_UNIX"], abc, at: 1)]
            ),
        ]
    }

    static func rawTracepoints(_ places: MatrixPlaces) -> [MatrixGroup] {
        let run = places.programs.map { [["run", "s:\($0)"]] }
        let names = ["name-of.one", "name-is.two", "name-is.six"]
        let bases = places.programs.map { String($0.dropFirst(places.base.count)) }
        // They are told before the socket has its new state.
        let states = "{args: [1], operator: Equal, values: [\"2\"]}"
        let isOfPrograms = "{args: [1], operator: Prefix, values: [\"\(places.base)/\"]}"
        let program = "{index: 2, type: linux_binprm}"
        return [
            MatrixGroup(
                section: "raw tracepoints",
                hook: "subsystem: sched, event: sched_process_exec",
                calls: run,
                cases: texts("linux_binprm", places.programs, at: 2)
                    + texts("file", places.programs, at: 2, more: "resolve: file")
                    + texts("path", places.programs, at: 2, more: "resolve: file.f_path")
                    + texts("dentry", bases.map { places.entryBase + $0 }, at: 2, more: "resolve: file.f_path.dentry")
                    + texts("string", places.programs, at: 2, more: "resolve: filename")
                    + [
                        MatrixCase("file", "FileType", ["reg"], "abc", at: 2, more: "resolve: file"),
                        MatrixCase("file", "NotFileType", ["dir", "chr"], "abc", at: 2, more: "resolve: file"),
                        MatrixCase("path", "FileType", ["reg"], "abc", at: 2, more: "resolve: file.f_path"),
                        MatrixCase("path", "NotFileType", ["fifo"], "abc", at: 2, more: "resolve: file.f_path"),
                        MatrixCase("uint16", "Mask", ["0x40"], "abc", at: 2, more: "resolve: file.f_inode.i_mode"),
                        read("cred", "abc", at: 0, more: "resolve: cred"),
                        read("user_namespace", "abc", at: 0, more: "resolve: cred.user_ns"),
                        MatrixCase(
                            "kernel_cap_t",
                            "Mask",
                            ["CAP_SYS_CHROOT"],
                            "abc",
                            at: 0,
                            more: "resolve: cred.cap_effective"
                        ),
                        MatrixCase("cap_effective", "Mask", ["CAP_SYS_CHROOT"], "abc", at: 0, more: "resolve: cred"),
                        MatrixCase("cap_permitted", "Mask", ["CAP_SYS_CHROOT"], "abc", at: 0, more: "resolve: cred"),
                        read("cap_inheritable", "abc", at: 0, more: "resolve: cred"),
                    ],
                isOfWorkload: false,
                gate: isOfPrograms,
                gateArgument: program
            ),
            MatrixGroup(
                section: "raw tracepoints",
                hook: "subsystem: task, event: task_rename",
                calls: names.map { [["prctl", "15", "s:\($0)"]] },
                cases: texts("string", names, at: 1),
                gate: "{args: [1], operator: Prefix, values: [name-]}",
                gateArgument: "{index: 1, type: string}"
            ),
            MatrixGroup(
                section: "raw tracepoints",
                hook: "subsystem: sock, event: inet_sock_set_state",
                calls: MatrixPlaces.connects(1),
                cases: tuples("sock", protocol: "IPPROTO_TCP", state: "TCP_CLOSE")
                    + [
                        MatrixCase("uint8", "Equal", ["7"], "abc", at: 0, more: "resolve: __sk_common.skc_state"),
                        MatrixCase("uint16", "Equal", ["41001"], "a", at: 0, more: "resolve: __sk_common.skc_num"),
                        MatrixCase("uint16", "InRange", ["901:902"], "b", at: 0, more: "resolve: __sk_common.skc_num"),
                        MatrixCase("uint16", "GT", ["902"], "ac", at: 0, more: "resolve: __sk_common.skc_num"),
                        MatrixCase("uint16", "LT", ["41003"], "ab", at: 0, more: "resolve: __sk_common.skc_num"),
                        MatrixCase("int32", "Equal", ["7"], "abc", at: 1),
                    ],
                gate: states,
                gateArgument: "{index: 2, type: int32}"
            ),
            MatrixGroup(
                section: "raw tracepoints",
                hook: "subsystem: net, event: net_dev_queue",
                calls: MatrixPlaces.datagrams,
                cases: tuples("skb", protocol: "IPPROTO_UDP")
                    + texts("net_device", ["lo"] + ["lo-no"], at: 0, more: "resolve: dev").filter {
                        ["Equal", "Postfix", "read"].contains($0.comparison)
                    }.map {
                        MatrixCase(
                            "net_device",
                            $0.comparison,
                            $0.comparison == "read" ? [] : ["lo"],
                            "abc",
                            more: "resolve: dev"
                        )
                    }
                    + [
                        MatrixCase("net_device", "NotEqual", ["eth9"], "abc", more: "resolve: dev"),
                        MatrixCase("net_device", "Prefix", ["l"], "abc", more: "resolve: dev"),
                        MatrixCase("net_device", "NotPrefix", ["eth"], "abc", more: "resolve: dev"),
                        MatrixCase("net_device", "NotPostfix", ["9"], "abc", more: "resolve: dev"),
                        MatrixCase("uint32", "LT", ["50"], "ab", more: "resolve: len"),
                    ],
                gate: "{args: [1], operator: Protocol, values: [IPPROTO_UDP]}",
                gateArgument: "{index: 0, type: skb}"
            ),
            MatrixGroup(
                section: "raw tracepoints",
                hook: "subsystem: raw_syscalls, event: sys_enter",
                calls: [[["getpgid", "0"]], [["getsid", "0"]], [["personality", "0xffffffff"]]],
                cases: [
                    MatrixCase("int64", "Equal", ["121"], "a", at: 1),
                    MatrixCase("syscall64", "Equal", ["124"], "b", at: 1),
                    MatrixCase("syscall64", "InMap", ["121", "135"], "ac", at: 1),
                    MatrixCase("syscall64", "NotInMap", ["121", "135"], "b", at: 1),
                    MatrixCase("syscall64", "NotEqual", ["121"], "bc", at: 1),
                    MatrixCase("syscall64", "GT", ["123"], "bc", at: 1),
                    MatrixCase("syscall64", "LT", ["125"], "ab", at: 1),
                    MatrixCase("syscall64", "InRange", ["120:125"], "ab", at: 1),
                    MatrixCase("syscall64", "NotInRange", ["120:125"], "c", at: 1), read("syscall64", "abc", at: 1),
                ] + processes("abc", places),
                gate: "{args: [1], operator: InMap, values: [\"121\", \"124\", \"135\"]}",
                gateArgument: "{index: 1, type: int64}"
            ),
        ]
    }

    static func tracepoints(_ places: MatrixPlaces) -> [MatrixGroup] {
        [
            MatrixGroup(
                section: "tracepoints",
                hook: "subsystem: syscalls, event: sys_enter_lseek",
                calls: seeks(places),
                cases: texts("fd", places.files, at: 5) + numbers("int64", offsets, at: 6)
                    + [MatrixCase("uint32", "Equal", ["99"], "abc", at: 7), read("nop", "abc", at: 5)]
                    + processes("abc", places),
                gate: "{args: [1], operator: InMap, values: [\"7777001\", \"7777002\", \"-7777003\"]}",
                gateArgument: "{index: 6, type: int64}"
            ),
            MatrixGroup(
                section: "tracepoints",
                hook: "subsystem: syscalls, event: sys_enter_openat",
                calls: places.files.map { places.open($0) },
                cases: texts("string", places.files, at: 6),
                gate: "{args: [1], operator: Prefix, values: [\"\(places.base)/\"]}",
                gateArgument: "{index: 6, type: string}"
            ),
            MatrixGroup(
                section: "tracepoints",
                hook: "subsystem: sched, event: sched_process_exec",
                calls: places.programs.map { [["run", "s:\($0)"]] },
                cases: texts("data_loc", places.programs, at: 4) + texts("string", places.programs, at: 4),
                isOfWorkload: false,
                gate: "{args: [1], operator: Prefix, values: [\"\(places.base)/\"]}",
                gateArgument: "{index: 4, type: data_loc}"
            ),
            MatrixGroup(
                section: "tracepoints",
                hook: "subsystem: raw_syscalls, event: sys_enter",
                calls: [[["getpgid", "0"]], [["getsid", "0"]], [["personality", "0xffffffff"]]],
                cases: numbers("syscall64", [121, 124, 135], at: 4) + [read("const_buf", "abc", at: 5)],
                gate: "{args: [1], operator: InMap, values: [\"121\", \"124\", \"135\"]}",
                gateArgument: "{index: 4, type: int64}"
            ),
            MatrixGroup(
                section: "tracepoints",
                hook: "subsystem: sock, event: inet_sock_set_state",
                calls: MatrixPlaces.connects(1),
                cases: tuples("sock", at: 4, protocol: "IPPROTO_TCP", state: "TCP_CLOSE")
                    + numbers("uint16", [41001, 901, 41003], at: 7)
                    + [MatrixCase("int32", "Equal", ["7"], "abc", at: 5)],
                gate: "{args: [1], operator: Equal, values: [\"2\"]}",
                gateArgument: "{index: 6, type: int32}"
            ),
            MatrixGroup(
                section: "tracepoints",
                hook: "subsystem: net, event: net_dev_queue",
                calls: MatrixPlaces.datagrams,
                cases: tuples("skb", at: 4, protocol: "IPPROTO_UDP")
            ),
        ]
    }

    static func uprobes(_ places: MatrixPlaces) -> [MatrixGroup] {
        let signed: [Int64] = [-3, 5, 100]
        let unsigned: [Int64] = [1, 16, 24]
        let names = ["text of one", "text is two", "text is six"]
        return [
            MatrixGroup(
                section: "uprobes",
                hook: "path: \"\(places.workload)\", symbols: [workload_probed]",
                calls: (0..<3).map { index in
                    [
                        ["openat", "-100", "s:\(places.files[index])", "0"],
                        [
                            "probed", "\(signed[index])", "\(unsigned[index])", "s:\(names[index])",
                            "\(names[index].utf8.count)", "r:0",
                        ],
                        ["close", "r:0"],
                    ]
                },
                cases: ["int8", "int16", "int32", "int64"].flatMap { numbers($0, signed) }
                    + ["uint8", "uint16", "uint32", "uint64", "size_t"].flatMap { numbers($0, unsigned, at: 1) }
                    + texts("string", names, at: 2) + texts("char_buf", names, at: 2, more: "sizeArgIndex: 4")
                    + texts("fd", places.files, at: 4) + numbers("int32", signed, at: -1)
                    + numbers("int64", signed, at: -1)
                    + [read("nop", "abc")] + processes("abc", places)
            )
        ]
    }
}
