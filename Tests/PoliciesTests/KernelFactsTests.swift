import CWire
import Filters
import Glibc
import Policies
import Testing

/// What is read of a kernel, and the running one's own facts.
@Suite struct KernelFactsTests {
    @Test func symbolsAreCountedAndThoseOfDataLeftOut() {
        let symbols = KernelSymbols(
            kallsyms: Array("0 T a\n0 t b\n0 t b\n0 D c\n0 W d\t[mod]\n\nx\n0 t\n0 t e.isra.0\n".utf8)
        )
        #expect(symbols["a"]?.count == 1 && symbols["b"]?.count == 2 && symbols["c"] == nil)
        #expect(symbols["d"]?.module == "mod" && symbols["a"]?.module == nil)
        #expect(symbols.parts(of: "e") == ["e.isra.0"])
        #expect(KernelSymbols(kallsyms: []).isEmpty)
    }

    @Test func fieldsOfAFormat() throws {
        let format = try #require(
            TracepointFormat(
                """
                \tfield:unsigned long args[6];\toffset:16;\tsize:48;\tsigned:0;
                \tfield:struct sk_buff *skb;\toffset:64;\tsize:8;\tsigned:0;
                \tfield:const char * name;\toffset:72;\tsize:8;\tsigned:0;
                \tfield:__data_loc char[] text;\toffset:80;\tsize:4;\tsigned:0;
                """
            )
        )
        #expect(format.fields.map(\.name) == ["args", "skb", "name", "text"])
        #expect(format.fields.map(\.type) == ["unsigned long", "struct sk_buff *", "const char *", "char"])
        #expect(format.fields.map(\.isArray) == [true, false, false, false])
        #expect(format.fields.map(\.isDataLocation) == [false, false, false, true])
        #expect(format.fields.map(\.isText) == [false, false, true, false])
        #expect(format.fields.map(\.offset) == [16, 64, 72, 80])
    }

    @Test func aFormatThatIsNone() {
        #expect(TracepointFormat("") == nil)
        #expect(TracepointFormat("field:int x;") == nil)
        #expect(TracepointFormat("field:x;\toffset:0;\tsize:4;") == nil)
        #expect(TracepointFormat("field:int x;\toffset:-1;\tsize:4;") == nil)
    }

    @Test func systemCallsByAllTheirNames() {
        let table = SystemCallTable(.x86_64)
        for name in ["sys_openat", "__x64_sys_openat", "x64/sys_openat"] { #expect(table.call(name)?.number == 257) }
        for name in ["i386/sys_openat", "__ia32_sys_openat"] { #expect(table.call(name)?.number == 295 | 1 << 32) }
        #expect(table.call("sys_newstat")?.number == 4 && table.call("sys_stat")?.symbol == "__x64_sys_newstat")
        #expect(table.call("openat") == nil && table.call("sys_nothing") == nil && table.call("sparc/sys_read") == nil)
        #expect(table.call("sys_execve")?.returns == false)
        #expect(SystemCallTable(.arm64).call("sys_openat")?.symbol == "__arm64_sys_openat")
        #expect(SystemCallTable(.arm64).call("sys_openat")?.number == 56)
        #expect(table.all.first?.name == "read" && table.all.count > 350)
    }

    @Test(.enabled(if: access("/sys/kernel/btf/vmlinux", R_OK) == 0, "needs a kernel with BTF"))
    func theRunningKernelPlansARawTracepoint() throws {
        let collection = Reading.read(
            Reading.policy(
                "spec: {tracepoints: [{subsystem: sched, event: sched_process_exec, raw: true, args: [{index: 0, resolve: comm}]}]}"
            )
        )
        let plan = PolicyPlan(try #require(collection.policies.first), on: RunningKernel())
        let request = try #require(plan.requests.first)
        #expect(request.point.attachment == .rawTracepoint)
        #expect(request.readings.first?.way.count == 1)
    }

    @Test(.enabled(if: access("/sys/kernel/btf/vmlinux", R_OK) == 0, "needs a kernel with BTF"))
    func aMemberThatIsFarAwayIsRefused() throws {
        let collection = Reading.read(
            Reading.policy(
                "spec: {tracepoints: [{subsystem: sched, event: sched_process_exec, raw: true, args: [{index: 0, type: int, resolve: \"nsproxy.net_ns[1048575].ns.inum\"}]}]}"
            )
        )
        let plan = PolicyPlan(try #require(collection.policies.first), on: RunningKernel())
        guard case .refused(let problems) = try #require(plan.hooks.first).outcome else {
            Issue.record("\(plan.hooks)")
            return
        }
        let way = "argument 0.nsproxy.net_ns[1048575].ns.inum"
        #expect(problems.map(\.what) == ["\(way) is more than 4 GiB away from where it is looked for"])
    }

    @Test(
        .enabled(if: access("/sys/kernel/btf/vmlinux", R_OK) == 0, "needs a kernel with BTF"),
        // umode_t has two bytes and no sign, an inode's number eight
        arguments: [
            ("int", "i_mode", 2, MT_VALUE_INT, 0), ("uint64", "i_mode", 2, MT_VALUE_SIZE, 0),
            ("int", "i_ino", 4, MT_VALUE_INT, 1), ("uint64", "i_ino", 8, MT_VALUE_SIZE, 0),
        ]
    )
    func aNumberIsToldAsThePolicySaysAndNoLongerThanTheKernelHasIt(
        type: String,
        member: String,
        width: Int,
        value: mt_item_type,
        warnings: Int
    ) throws {
        let argument = "{index: 2, type: \(type), resolve: file.f_inode.\(member)}"
        let collection = Reading.read(
            Reading.policy(
                "spec: {tracepoints: [{subsystem: sched, event: sched_process_exec, raw: true, args: [\(argument)]}]}"
            )
        )
        let plan = PolicyPlan(try #require(collection.policies.first), on: RunningKernel())
        let reading = try #require(plan.requests.first?.readings.first)
        #expect(reading.width == width && reading.value == value)
        #expect(reading.isSigned == (member == "i_ino" && type == "int"))
        #expect(plan.hooks.first?.warnings.count == warnings)
    }

    @Test func everyPolicyOfTheTestsGetsAnAnswerForEveryHook() throws {
        let kernel = try InventedKernel()
        for file in Reading.files {
            let collection = try Reading.file(file.deletingPathExtension().lastPathComponent)
            for policy in collection.policies {
                let plan = PolicyPlan(policy, on: kernel)
                #expect(plan.hooks.count == policy.spec.hooks.count)
                for hook in plan.hooks {
                    if case .refused(let problems) = hook.outcome { #expect(!problems.isEmpty) }
                }
                #expect(PolicyDescription(policy, on: kernel).hooks.allSatisfy { $0.kernel != nil })
            }
        }
    }
}
