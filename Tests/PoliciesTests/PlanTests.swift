import CWire
import Filters
import Policies
import Probes
import Testing

/// Where hooks go, and why some cannot.
@Suite struct PlanTests {
    private var kernel: InventedKernel

    init() throws { kernel = try InventedKernel() }

    private func kprobe(_ call: String, _ rest: String = "") -> String {
        "spec:\n  kprobes:\n    - {call: \(call), syscall: false\(rest.isEmpty ? "" : ", ")\(rest)}"
    }

    private func point(_ kernel: InventedKernel, _ spec: String) throws -> HookPoint { try kernel.request(spec).point }

    @Test func aKprobeGoesByManyThenByOneThenByFentry() throws {
        var kernel = kernel
        #expect(try point(kernel, kprobe("wake")) == HookPoint(.kprobeMulti, [.init(symbol: "wake", name: "wake")]))
        let single = kprobe("wake") + "\n  options: [{name: disable-kprobe-multi, value: \"true\"}]"
        #expect(try point(kernel, single).attachment == .kprobe)
        kernel.without[.kprobeMulti] = .missing("Linux 5.18")
        #expect(try point(kernel, kprobe("wake")).attachment == .kprobe)
        kernel.without[.kprobe] = .missing("CONFIG_KPROBES")
        #expect(try point(kernel, kprobe("wake")).attachment == .fentry)
        kernel.without[.fentry] = .missing("direct calls")
        #expect(
            try kernel.reasons(kprobe("wake")) == [
                "6 spec.kprobes[0].call: this kernel does not let programs watch it (kprobe.multi: Linux 5.18; "
                    + "kprobe: CONFIG_KPROBES; fentry: direct calls)"
            ]
        )
    }

    @Test func whatCouldNotBeTriedIsNotRefused() throws {
        var kernel = kernel
        kernel.without[.kprobeMulti] = .unknown("no root")
        #expect(try point(kernel, kprobe("wake")).attachment == .kprobeMulti)
    }

    @Test func whatFtraceCannotStopAtGoesByKprobe() throws {
        #expect(try point(kernel, kprobe("notrace")).attachment == .kprobe)
    }

    @Test func anUnknownSymbol() throws {
        #expect(
            try kernel.reasons(kprobe("wakee"))
                == ["6 spec.kprobes[0].call: this kernel has no function 'wakee'; did you mean wake?"]
        )
        #expect(
            try kernel.reasons(kprobe("split")) == [
                "6 spec.kprobes[0].call: this kernel has no function 'split'; the compiler made split.isra.0 of it: hook "
                    + "a function that calls it"
            ]
        )
        #expect(try !kernel.reasons(kprobe("security_data")).isEmpty)
    }

    @Test func aMissingFunctionThatMayBeMissingIsSkipped() throws {
        let hook = try #require(try kernel.plan(kprobe("nowhere", "ignore: {callNotFound: true}")).hooks.first)
        guard case .skipped = hook.outcome else { Issue.record("\(hook.outcome)"); return }
    }

    @Test func aSymbolThatThereIsTwice() throws {
        #expect(
            try kernel.reasons(kprobe("twice")) == [
                "6 spec.kprobes[0].call: this kernel has 2 functions called 'twice', and which one is meant cannot be "
                    + "said: hook a function that calls it"
            ]
        )
    }

    @Test func aListIsOnePoint() throws {
        let lists = "\n  lists: [{name: l, values: [wake, send]}]"
        let point = try point(kernel, kprobe("\"list:l\"") + lists)
        #expect(point.functions.map(\.name) == ["wake", "send"])
    }

    @Test func aListWithAFunctionThatIsNotThere() throws {
        let lists = "\n  lists: [{name: l, values: [wake, sendd]}]"
        #expect(
            try kernel.reasons(kprobe("\"list:l\"") + lists)
                == ["7 spec.kprobes[0].call: this kernel has no function 'sendd'; did you mean send?"]
        )
        let rest = try point(kernel, kprobe("\"list:l\"", "ignore: {callNotFound: true}") + lists)
        #expect(rest.functions.map(\.name) == ["wake"])
    }

    @Test func aListByAPattern() throws {
        let lists = "\n  lists: [{name: l, type: generated_ftrace, pattern: \"*e*d\"}]"
        #expect(try point(kernel, kprobe("\"list:l\"") + lists).functions.map(\.name) == ["send"])
        var kernel = kernel
        kernel.traceable = nil
        #expect(try kernel.reasons(kprobe("\"list:l\"") + lists).first?.contains("mount tracefs") == true)
    }

    @Test func functionsOfAListThatDifferAreHookedApart() throws {
        let lists = "\n  lists: [{name: l, values: [wake, security_file_permission]}]"
        let spec = kprobe("\"list:l\"", "args: [{index: 0, type: int, resolve: pid}]") + lists
        #expect(
            try kernel.reasons(spec) == [
                "6 spec.kprobes[0].args[0]: argument 0 is struct task_struct * in wake and struct file * in "
                    + "security_file_permission: hook them apart"
            ]
        )
    }

    @Test func systemCallsAreSeenWhenTheyReturnButForThoseThatDoNot() throws {
        let open = try point(kernel, "spec: {kprobes: [{call: sys_openat}]}")
        #expect(open.attachment == .syscallExit)
        #expect(open.functions == [.init(symbol: "__x64_sys_openat", name: "__x64_sys_openat", number: 257)])
        let exec = try point(kernel, "spec: {kprobes: [{call: __x64_sys_execve}]}")
        #expect(exec.attachment == .syscallEnter && exec.functions.map(\.number) == [59])
        let old = try point(kernel, "spec: {kprobes: [{call: i386/sys_openat}]}")
        #expect(old.functions == [.init(symbol: "__ia32_sys_openat", name: "__ia32_sys_openat", number: 295 + 1 << 32)])
        let both = try kernel.plan(
            "spec: {kprobes: [{call: \"list:l\"}], lists: [{name: l, type: syscalls, values: [sys_exit, sys_close]}]}"
        )
        #expect(both.requests.map(\.point.attachment) == [.syscallExit, .syscallEnter])
        // What does not return has returned nothing, whatever the others do.
        let returns = try kernel.plan(
            "spec: {kprobes: [{call: \"list:l\", return: true, returnArg: {index: 0, type: int}, selectors: [{matchReturnArgs: [{args: [0], operator: Equal, values: [\"0\"]}]}]}], lists: [{name: l, type: syscalls, values: [sys_exit, sys_close]}]}"
        )
        #expect(returns.requests.map(\.shown.count) == [1, 0])
        #expect(returns.requests.last?.rows.map(\.conditions) == [[Condition(.process, .numbers([]))]])
        let all = try kernel.plan(
            "spec: {kprobes: [{call: \"list:l\"}], lists: [{name: l, type: generated_syscalls}]}"
        )
        #expect(all.requests.reduce(0) { $0 + $1.point.functions.count } > 350)
    }

    @Test func anUnknownSystemCall() throws {
        #expect(
            try kernel.reasons("spec: {kprobes: [{call: sys_opennat}]}")
                == ["4 spec.kprobes[0].call: this machine has no system call 'sys_opennat'; did you mean sys_openat?"]
        )
        #expect(
            try kernel.reasons("spec: {kprobes: [{call: wake}]}")
                == ["4 spec.kprobes[0].call: 'wake' is no system call: say syscall: false"]
        )
    }

    @Test func anLSMHookNeedsBPFAmongTheModules() throws {
        let spec = "spec: {lsmhooks: [{hook: file_open, args: [{index: 0}]}]}"
        #expect(try point(kernel, spec) == HookPoint(.lsm, [.init(symbol: "bpf_lsm_file_open", name: "file_open")]))
        var kernel = kernel
        kernel.securityModules = ["capability", "yama"]
        #expect(
            try kernel.reasons(spec) == [
                "4 spec.lsmhooks[0].hook: bpf is not among the active security modules (capability,yama): boot with "
                    + "lsm=capability,yama,bpf"
            ]
        )
        #expect(
            try kernel.reasons("spec: {lsmhooks: [{hook: file_opn}]}")
                == ["4 spec.lsmhooks[0].hook: this kernel has no LSM hook 'file_opn'; did you mean file_open?"]
        )
    }

    @Test func aMissingTracepoint() throws {
        let spec = "spec: {tracepoints: [{subsystem: sched, event: sched_proces_exec}]}"
        let expected =
            "4 spec.tracepoints[0].event: this kernel has no tracepoint sched/sched_proces_exec; did you mean "
            + "sched_process_exec?"
        #expect(try kernel.reasons(spec) == [expected])
        #expect(try kernel.reasons(spec.replacing("exec}", with: "exec, raw: true}")) == [expected])
        var kernel = kernel
        kernel.hasFormats = false
        #expect(try kernel.reasons(spec).first?.contains("mount tracefs") == true)
    }

    @Test func aUprobeIsAPlaceInItsFile() throws {
        let request = try kernel.request(
            "spec: {uprobes: [{path: /bin/there, symbols: [main], args: [{index: 0, type: string}]}]}"
        )
        #expect(
            request.point
                == HookPoint(
                    .uprobe,
                    [.init(symbol: "main", name: "main", number: 0x1000, offset: 0x1000)],
                    file: "/bin/there"
                )
        )
        #expect(request.readings.first?.isUser == true)
        let address = try point(kernel, "spec: {uprobes: [{path: /bin/there, addrs: [0x400010]}]}")
        #expect(address.functions.map(\.number) == [0x10])
        #expect(
            try kernel.reasons("spec: {uprobes: [{path: /bin/there, symbols: [mian]}]}")
                == ["4 spec.uprobes[0].symbols: /bin/there has no function 'mian'; one without symbols takes offsets"]
        )
        #expect(
            try kernel.reasons(
                "spec: {uprobes: [{path: /bin/there, symbols: [main], args: [{index: 0, type: file}]}]}"
            ).first?.contains("file is in the kernel's memory") == true
        )
        #expect(
            try kernel.reasons("spec: {uprobes: [{path: /bin/gone, symbols: [main]}]}")
                == ["4 spec.uprobes[0].path: /bin/gone cannot be read: it is not there"]
        )
    }

    @Test func conditionsOnTheProcessOfACallThatChangesItAreAboutWhatItWasBefore() throws {
        func spec(_ call: String, _ more: String = "") -> String {
            """
            spec:
              kprobes:
                - call: \(call)
                  \(more)
                  selectors: [{matchNamespaces: [{namespace: Net, operator: NotIn, values: [host_ns]}]}]
            """
        }
        #expect(try point(kernel, spec("sys_setns")).attachment == .syscallEnter)
        #expect(try point(kernel, spec("sys_setuid")).attachment == .syscallEnter)
        #expect(try point(kernel, spec("sys_openat")).attachment == .syscallExit)
        #expect(try point(kernel, "spec: {kprobes: [{call: sys_setns}]}").attachment == .syscallExit)
        let returning = spec("sys_setns", "return: true\n      returnArg: {index: 0, type: int}")
        #expect(try point(kernel, returning).attachment == .syscallExit)
        #expect(try kernel.warnings(returning).first?.contains("take out return to have those before it") == true)
    }

    @Test func whatIsNotSupportedIsNotLoadedByHalves() throws {
        let reasons = try kernel.reasons(
            kprobe(
                "wake",
                "selectors: [{matchActions: [{action: Sigkill}]}, {matchActions: [{action: Post, kernelStackTrace: true}]}]"
            )
        )
        #expect(
            reasons == [
                "6 spec.kprobes[0].selectors[0].matchActions: Sigkill is not supported yet: take it out, or wait for it",
                "6 spec.kprobes[0].selectors[1].matchActions.kernelStackTrace: stack traces are not supported yet: "
                    + "take it out, or wait for it",
            ]
        )
    }

    @Test func oneHookThatIsNotLoadedLeavesTheOthersAlone() throws {
        let plan = try kernel.plan("spec:\n  kprobes: [{call: nowhere, syscall: false}, {call: wake, syscall: false}]")
        #expect(plan.hooks.map(\.requests.count) == [0, 1])
    }
}
