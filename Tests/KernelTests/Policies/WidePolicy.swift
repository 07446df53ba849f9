import Filters
import Probes

/// One policy of each way to a hook, with a bit of everything: what the verifier has the most to do with.
enum WidePolicy {
    /// What its conditions are about: entries 0 and 1 are names or paths, entry 2 is a number.
    private static let selectors = """

              selectors:
                - matchBinaries:
                    - {operator: In, values: [/usr/bin/one, /usr/bin/two]}
                    - {operator: NotPostfix, values: [/three]}
                  matchPIDs: [{operator: NotIn, followForks: true, values: [1]}]
                  matchNamespaces: [{namespace: Pid, operator: NotIn, values: ["1"]}]
                  matchCapabilities: [{type: Effective, operator: In, values: [CAP_SYS_ADMIN]}]
                  matchNamespaceChanges: [{operator: In, values: [Uts]}]
                  matchArgs:
                    - {args: [0], operator: Equal, values: [/a/one, /a/two]}
                    - {args: [0], operator: Prefix, values: [/a/]}
                  matchActions: [{action: Post, rateLimit: "1m"}]
                - matchArgs:
                    - {args: [1], operator: Prefix, values: [/b/]}
                    - {args: [1], operator: Postfix, values: [.conf]}
                    - {args: [1], operator: SubString, values: [secret]}
                    - {args: [2], operator: Mask, values: ["1"]}
        """
    private static let result = """

                  matchReturnArgs: [{args: [0], operator: LT, values: ["0"]}]
        """
    private static let names = "args: [{index: 1, type: string}, {index: 3, type: string}, {index: 4, type: uint32}]"
    private static let entries = "args: [{index: 1, type: dentry}, {index: 3, type: dentry}, {index: 4, type: uint32}]"

    /// One hook of a section, with all conditions.
    private static func hook(_ section: String, _ keys: [String], tells result: Bool) -> String {
        let lines = keys + (result ? ["return: true", "returnArg: {index: 0, type: int}"] : [])
        return "  \(section):\n    - " + lines.joined(separator: "\n      ") + selectors + (result ? Self.result : "")
    }

    private static func rename(_ section: String, _ keys: String...) -> String {
        hook(section, keys + [entries], tells: true)
    }

    /// By what the kernel must be able to do.
    static func specifications() throws -> [(needs: [Upgrade], specification: String)] {
        let many = rename("kprobes", "call: security_inode_rename", "syscall: false")
        return [
            ([], hook("kprobes", ["call: sys_renameat2", names], tells: true)),
            (
                [],
                hook(
                    "kprobes",
                    ["call: sys_execveat", names.replacing("{index: 3", with: "{index: 1")],
                    tells: false
                )
            ),
            (
                [],
                hook(
                    "tracepoints",
                    [
                        "subsystem: sched", "event: sched_process_exec", "raw: true",
                        "args: [{index: 2, type: linux_binprm}, {index: 0, type: string, resolve: comm}, "
                            + "{index: 1, type: int32}]",
                    ],
                    tells: false
                )
            ),
            (
                [.tracepoint],
                hook(
                    "tracepoints",
                    [
                        "subsystem: syscalls", "event: sys_enter_renameat2",
                        "args: [{index: 6, type: string}, {index: 8, type: string}, {index: 9, type: uint32}]",
                    ],
                    tells: false
                )
            ),
            (
                [.uprobe],
                hook("uprobes", ["path: \(try Products.workload())", "symbols: [workload_probed]", names], tells: true)
            ),
            ([.kprobeMulti], many),
            ([.kprobe], "  options: [{name: disable-kprobe-multi, value: \"true\"}]\n" + many),
            ([.fentry], rename("fentries", "call: security_inode_rename", "syscall: false")),
            (
                [.lsm],
                hook(
                    "lsmhooks",
                    [
                        "hook: inode_link",
                        "args: [{index: 0, type: dentry}, {index: 2, type: dentry}, {index: 1, type: uint64}]",
                    ],
                    tells: false
                )
            ),
        ]
    }

    /// How many instructions the verifier looks at, by program, of those that this kernel can have.
    static func verifierWork() throws -> [(program: String, instructions: Int)] {
        let run = try HookRun()
        defer { withExtendedLifetime(run) {} }
        let maps = try run.probes.makeHookMaps()
        var list: [(program: String, instructions: Int)] = []
        for (needs, specification) in try specifications() {
            guard needs.allSatisfy({ if case .works = $0.attempt() { true } else { false } }) else { continue }
            for request in try HookRun.requests("wide", specification) {
                let counters = request.effectiveRows.indices.map { UInt32($0) }
                let design = try HookDesign(hook: 0, [HookDesign.Part(request, counters: counters)])
                list += try VerifierCosts.measure(request.point, design.shape, maps)
            }
        }
        return list
    }
}
