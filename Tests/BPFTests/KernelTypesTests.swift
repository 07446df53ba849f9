import BPF
import Glibc
import Testing

/// The running kernel's types; elsewhere the tests say why they do not run.
@Suite(.enabled(if: access("/sys/kernel/btf/vmlinux", R_OK) == 0, "needs a kernel with BTF"))
struct KernelTypesTests {
    private let types: KernelTypes

    init() throws { types = try KernelTypes() }

    @Test func whatAFunctionTakesAndReturns() throws {
        let function = try #require(types.function("security_file_permission"))
        #expect(function.parameters.map(\.name) == ["file", "mask"])
        #expect(function.parameters.map(\.type.name) == ["struct file *", "int"])
        #expect(function.result.isSignedNumber == true && function.result.bytes == 4)
        #expect(types.function("no_such_function") == nil)
    }

    @Test func whatATracepointIsCalledWith() throws {
        let exec = try #require(types.tracepoint("sched_process_exec"))
        #expect(exec.parameters.map(\.type.name) == ["struct task_struct *", "int", "struct linux_binprm *"])
        #expect(types.tracepoint("no_such_tracepoint") == nil)
        #expect(types.tracepoints.contains("sched_switch"))
    }

    @Test func whereAMemberLies() throws {
        let task = try #require(types.structure("task_struct"))
        let comm = try types.place(from: task, along: [.member("comm")])
        #expect(comm.steps.count == 1 && comm.type.bytes == 16)
        #expect(types.target(of: comm.type)?.isCharacter == true)
        let parent = try types.place(from: task, along: [.member("real_parent"), .member("tgid")])
        #expect(parent.steps.map(\.isLoad) == [true, false])
        // In a union without a name, within a struct of its own.
        let sock = try #require(types.structure("sock"))
        let port = try types.place(from: sock, along: [.member("__sk_common"), .member("skc_dport")])
        #expect(port.steps.map(\.offset) == [12] && port.type.bytes == 2)
    }

    @Test func aMemberThatThereIsNot() throws {
        let task = try #require(types.structure("task_struct"))
        #expect {
            _ = try types.place(from: task, along: [.member("com")])
        } throws: { error in
            guard case .noMember("com", _, let members) = error as? KernelTypes.MemberError else { return false }
            return members.contains("comm")
        }
        #expect(throws: KernelTypes.MemberError.self) {
            try types.place(from: task, along: [.member("comm"), .element(16)])
        }
        #expect(throws: KernelTypes.MemberError.self) {
            try types.place(from: task, along: [.member("pid"), .member("x")])
        }
    }

    @Test func bytesThatAreNoTypes() {
        #expect(throws: BPFError.self) { try KernelTypes(bytes: []) }
        #expect(throws: BPFError.self) { try KernelTypes(bytes: [UInt8](repeating: 7, count: 100)) }
        #expect(throws: BPFError.self) { try KernelTypes(file: "/proc/self/comm") }
        #expect(throws: BPFError.self) { try KernelTypes(module: "no_such_module", base: types) }
    }
}
