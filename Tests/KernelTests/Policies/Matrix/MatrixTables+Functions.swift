import Foundation

/// Functions of the kernel and hooks of its security modules, which see the same arguments.
extension MatrixTables {
    static func functions(_ section: String, _ places: MatrixPlaces) -> [MatrixGroup] {
        let names = ["name-of.one", "name-is.two", "name-is.six"]
        let writes = ["first text", "other text", "other one"]
        let inFolder = "{args: [0], operator: Prefix, values: [\"\(places.base)/\"]}"
        let toNull = places.open("/dev/null", then: ["writev", "r:0", "v:one|two|three", "3"], flags: O_WRONLY)
        return security(section, prefix: "call: security_", places) + [
            MatrixGroup(
                section: section,
                hook: "call: do_filp_open",
                calls: places.files.map { places.open($0) },
                cases: texts("filename", places.files, at: 1),
                gate: inFolder
            ),
            MatrixGroup(
                section: section,
                // Its name since Linux 7.
                hook: "call: do_file_open",
                calls: places.files.map { places.open($0) },
                cases: texts("filename", places.files, at: 1),
                gate: inFolder
            ),
            MatrixGroup(
                section: section,
                hook: "call: __set_task_comm",
                calls: names.map { [["prctl", "15", "s:\($0)"]] },
                cases: texts("string", names, at: 1),
                gate: "{args: [0], operator: Prefix, values: [name-]}"
            ),
            MatrixGroup(
                section: section,
                hook: "call: ksys_write",
                calls: writes.map {
                    places.open("/dev/null", then: ["write", "r:0", "s:\($0)", "\($0.utf8.count)"], flags: O_WRONLY)
                },
                cases: texts("char_buf", writes, at: 1, more: "sizeArgIndex: 3")
                    + numbers("size_t", writes.map { Int64($0.utf8.count) }, at: 2)
                    + numbers("int64", writes.map { Int64($0.utf8.count) }, at: -1),
                gate: "{args: [1], operator: Equal, values: [/dev/null]}",
                gateArgument: "{index: 0, type: fd}"
            ),
            MatrixGroup(
                section: section,
                hook: "call: do_writev",
                calls: [toNull],
                cases: [
                    read("char_iovec", "a", at: 1, more: "sizeArgIndex: 3", holds: ["onetwothree"]),
                    MatrixCase("fd", "Equal", ["/dev/null"], "a", at: 0),
                ]
            ),
            MatrixGroup(
                section: section,
                hook: "call: sock_write_iter",
                calls: MatrixPlaces.datagrams,
                cases: [read("iov_iter", "abc", at: 1, holds: ["hello"]), read("kiocb", "abc")]
            ),
            MatrixGroup(
                section: section,
                hook: "call: shmem_file_read_iter",
                calls: places.files.prefix(2).map { places.open($0, then: ["read", "r:0", "o:16", "16"]) },
                cases: texts("kiocb", Array(places.files.prefix(2))),
                gate: inFolder
            ),
            MatrixGroup(
                section: section,
                hook: "call: tcp_connect",
                calls: MatrixPlaces.connects(1),
                cases: tuples("sock", protocol: "IPPROTO_TCP", state: "TCP_SYN_SENT")
            ),
            MatrixGroup(
                section: section,
                hook: "call: dev_hard_start_xmit",
                calls: MatrixPlaces.datagrams,
                cases: tuples("skb", protocol: "IPPROTO_UDP") + devices(at: 1)
            ),
            MatrixGroup(
                section: section,
                hook: "call: cap_capable",
                calls: capabilities,
                cases: capability,
                gate: "{args: [1], operator: InMap, values: [\"18\", \"23\", \"25\"]}",
                gateArgument: "{index: 2, type: capability}"
            ),
        ]
    }

    static func securityHooks(_ places: MatrixPlaces) -> [MatrixGroup] {
        security("lsmhooks", prefix: "hook: ", places) + [
            MatrixGroup(
                section: "lsmhooks",
                hook: "hook: capable",
                calls: capabilities,
                cases: capability,
                gate: "{args: [1], operator: InMap, values: [\"18\", \"23\", \"25\"]}",
                gateArgument: "{index: 2, type: capability}"
            )
        ]
    }

    private static func devices(at index: Int) -> [MatrixCase] {
        [
            ("Equal", "lo"), ("NotEqual", "eth9"), ("Prefix", "l"), ("NotPrefix", "eth"), ("Postfix", "o"),
            ("NotPostfix", "9"),
        ].map { MatrixCase("net_device", $0.0, [$0.1], "abc", at: index) } + [
            read("net_device", "abc", at: index, holds: ["lo"])
        ]
    }

    /// Each asks for one capability, and then changes nothing. CAP_SYS_ADMIN is asked for by every mmap, too.
    private static let capabilities: [[[String]]] = [
        [["chroot", "s:/"]], [["setpriority", "0", "0", "-1"], ["setpriority", "0", "0", "0"]],
        [["settimeofday", "0", "0"]],
    ]

    private static let capability: [MatrixCase] = [
        MatrixCase("capability", "Equal", ["CAP_SYS_CHROOT"], "a", at: 2),
        MatrixCase("capability", "NotEqual", ["23"], "ac", at: 2), MatrixCase("capability", "GT", ["18"], "bc", at: 2),
        MatrixCase("capability", "LT", ["25"], "ab", at: 2),
        MatrixCase("capability", "InRange", ["18:23"], "ab", at: 2),
        MatrixCase("capability", "NotInRange", ["18:23"], "c", at: 2),
        MatrixCase("capability", "InMap", ["23", "25"], "bc", at: 2),
        MatrixCase("capability", "NotInMap", ["23", "25"], "a", at: 2),
        MatrixCase("capability", "Mask", ["1"], "bc", at: 2),
        read("capability", "abc", at: 2), read("cred", "abc", at: 0), read("user_namespace", "abc", at: 1),
        MatrixCase("cap_effective", "Mask", ["CAP_SYS_CHROOT"], "abc", at: 0),
    ]

    /// Data of capset: effective, permitted, inheritable, of the lower 32 capabilities.
    private static func capabilitySets(_ effective: UInt32, _ inheritable: UInt32) -> [[String]] {
        func digits(_ number: UInt32) -> String {
            withUnsafeBytes(of: number) { $0.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        }
        // Both stay permitted, so that the next one may ask again.
        let data = [effective, 1 << 13 | 1 << 18, inheritable, 0, 0, 0].map(digits).joined()
        return [["capset", "b:2205082000000000", "b:\(data)"]]
    }

    /// Functions `security_NAME`, and hooks NAME.
    private static func security(_ section: String, prefix: String, _ places: MatrixPlaces) -> [MatrixGroup] {
        let isHook = section == "lsmhooks"
        let inFolder = "{args: [0], operator: Prefix, values: [\"\(places.base)/\"]}"
        let inEntries = "{args: [0], operator: Prefix, values: [\"\(places.entryBase)/\"]}"
        let unix = places.files.map { path in
            [
                ["socket", "1", "1", "0"],
                ["connect", "r:0", MatrixPlaces.unixAddress(path), "\(path.utf8.count + 3)"], ["close", "r:0"],
            ]
        }
        let commands: [Int64] = [0x7001, 0x7002, 0x7004]
        let numbersOfControls: [Int64] = [-5, 6, 1000]
        let controls = zip(commands, numbersOfControls).map { command, argument in
            places.open("/dev/null", then: ["ioctl", "r:0", "\(command)", "\(argument)"])
        }
        func kinds(_ type: String, _ more: String) -> [MatrixCase] {
            [
                MatrixCase(type, "FileType", ["reg"], "ab", more: more),
                MatrixCase(type, "NotFileType", ["reg", "chr"], "c", more: more),
            ]
        }
        var mapAttributes = "02000000" + "04000000" + "08000000" + "01000000" + String(repeating: "00", count: 12)
        mapAttributes += "6d61747269786d617000000000000000" + String(repeating: "00", count: 76)
        var eventAttributes = "01000000" + "70000000" + "0900000000000000"
        eventAttributes += String(repeating: "00", count: 96)
        func id(_ number: UInt32) -> String {
            withUnsafeBytes(of: number) { $0.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        }
        let program = "b:\(id(places.programID))\(String(repeating: "00", count: 116))"
        let effective = 2, inheritable = 3
        let set = "kernel_cap_t"
        return [
            MatrixGroup(
                section: section,
                hook: prefix + "file_open",
                calls: places.files.map { places.open($0) },
                cases: texts("file", places.files) + kinds("file", "")
                    + texts("path", places.files, more: "resolve: f_path") + kinds("path", "resolve: f_path"),
                gate: inFolder
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "file_open",
                calls: places.files.map { places.open($0) },
                cases: texts("dentry", places.entries, more: "resolve: f_path.dentry"),
                gate: inEntries
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "file_open",
                calls: places.files.map { places.open($0) },
                cases: numbers("uint16", [0o100644, 0o100644, 0o040755], more: "resolve: f_inode.i_mode")
                    + processes("abc", places) + [read("nop", "abc")]
                    + (section == "kprobes" ? [] : [read("auto", "abc")]),
                gate: "{args: [1], operator: Prefix, values: [\"\(places.base)/\"]}",
                gateArgument: "{index: 0, type: file}"
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "file_ioctl",
                calls: controls,
                cases: numbers("uint32", commands, at: 1) + numbers("int64", numbersOfControls, at: 2)
                    + numbers("int32", numbersOfControls, at: 2)
                    + [
                        MatrixCase("uint64", "GT", ["1000"], "a", at: 2),
                        MatrixCase("uint64", "Equal", ["6"], "b", at: 2),
                    ],
                gate: "{args: [1], operator: InRange, values: [\"0x7001:0x7004\"]}",
                gateArgument: "{index: 1, type: uint32}"
            ),
            MatrixGroup(
                section: section,
                hook: prefix + (isHook ? "bprm_check_security" : "bprm_check"),
                calls: places.programs.map { [["run", "s:\($0)"]] },
                cases: texts("linux_binprm", places.programs),
                gate: inFolder
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "socket_sendmsg",
                calls: MatrixPlaces.datagrams,
                cases: tuples("socket", protocol: "IPPROTO_UDP")
                    + tuples("sock", more: "resolve: sk", protocol: "IPPROTO_UDP")
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "socket_connect",
                calls: MatrixPlaces.connects(2),
                cases: addresses(at: 1)
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "socket_connect",
                calls: unix,
                cases: texts("sockaddr_un", places.files, at: 1)
                    + [MatrixCase("sockaddr_un", "Family", ["AF_UNIX"], "abc", at: 1)]
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "capset",
                calls: [capabilitySets(0, 0), capabilitySets(1 << 13, 1 << 18), capabilitySets(1 << 18, 1 << 18)],
                cases: [
                    MatrixCase(set, "Equal", ["CAP_NET_RAW"], "b", at: effective),
                    MatrixCase(set, "NotEqual", ["CAP_NET_RAW"], "ac", at: effective),
                    MatrixCase(set, "Mask", ["CAP_SYS_CHROOT", "CAP_NET_ADMIN"], "c", at: effective),
                    MatrixCase(
                        set,
                        "CapabilitiesGained",
                        [],
                        "b",
                        at: effective,
                        selector: "matchArgs: [{args: [0, 1], operator: CapabilitiesGained}]"
                    ), read(set, "abc", at: effective), read("cred", "abc"), read("cap_permitted", "abc"),
                    read("cap_inheritable", "abc"), read("user_namespace", "abc", more: "resolve: user_ns"),
                    MatrixCase("cap_effective", "NotEqual", ["CAP_KILL"], "abc"),
                    MatrixCase("cap_permitted", "NotEqual", ["CAP_KILL"], "abc"),
                    MatrixCase("cap_permitted", "Mask", ["CAP_NET_RAW"], "abc"),
                    MatrixCase("cap_inheritable", "NotEqual", ["CAP_KILL"], "abc"),
                ],
                gateArgument: "{index: \(inheritable), type: kernel_cap_t}"
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "bpf",
                calls: [
                    [["bpf", "0", "b:\(mapAttributes)", "72"], ["close", "r:0"]], [["bpf", "11", "o:120", "120"]],
                    [["bpf", "12", "o:120", "120"]],
                ],
                cases: numbers("bpf_cmd", [0, 11, 12]).filter { $0.comparison != "Mask" }
                    + [MatrixCase("bpf_cmd", "Mask", ["8"], "bc"), read("bpf_attr", "abc", at: 1)]
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "bpf_map",
                calls: [[["bpf", "0", "b:\(mapAttributes)", "72"], ["close", "r:0"]]],
                cases: [read("bpf_map", "a", holds: ["matrixmap"])]
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "bpf_prog",
                calls: [[["bpf", "13", program, "120"], ["close", "r:0"]]],
                cases: [read("bpf_prog", "a")]
            ),
            MatrixGroup(
                section: section,
                hook: prefix + "perf_event_alloc",
                calls: [[["perf_event_open", "b:\(eventAttributes)", "0", "-1", "-1", "0"], ["close", "r:0"]]],
                cases: [read("perf_event", "a")]
            ),
        ]
    }
}
