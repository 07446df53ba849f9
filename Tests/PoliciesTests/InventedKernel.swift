import BPF
import Filters
import Policies
import Probes
import Testing

/// A kernel that has what a test gives it.
struct InventedKernel: KernelFacts {
    var types: KernelTypes?
    var symbols: KernelSymbols?
    var traceable: Set<String>?
    var without: [HookPoint.Attachment: Availability] = [:]
    var formats: [String: TracepointFormat] = [:]
    var hasFormats = true
    var securityModules: [String]? = ["capability", "bpf"]
    var systemCalls = SystemCallTable(.x86_64)
    var longestText = 4096
    var probes: [ELFProbe] = []
    var digests: [String: String] = [:]

    init() throws {
        types = try InventedTypes.make()
        symbols = KernelSymbols(
            kallsyms: Array(
                """
                0000000000000000 T security_file_permission
                0000000000000000 t send
                0000000000000000 t wake
                0000000000000000 t twice
                0000000000000000 t twice
                0000000000000000 t split.isra.0
                0000000000000000 t notrace
                0000000000000000 D security_data
                0000000000000000 t of_module\t[martlet_test]

                """.utf8
            )
        )
        traceable = ["security_file_permission", "send", "wake", "twice"]
        formats["sched/sched_process_exec"] = TracepointFormat(
            """
            name: sched_process_exec
            format:
            \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
            \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
            \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
            \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

            \tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;
            \tfield:char comm[16];\toffset:16;\tsize:16;\tsigned:0;
            \tfield:const char * title;\toffset:32;\tsize:8;\tsigned:0;
            """
        )
    }

    func types(ofModule name: String) -> KernelTypes? { nil }
    func types(inFile path: String) -> KernelTypes? { types }
    func availability(of attachment: HookPoint.Attachment) -> Availability { without[attachment] ?? .works }
    func format(of event: String, in subsystem: String) -> TracepointFormat? { formats["\(subsystem)/\(event)"] }
    func hostNamespace(_ kind: NamespaceKind) -> UInt64? { kind == .network ? 4_026_531_840 : nil }
    func places(of functions: Set<String>, in file: String) throws(PlaceError) -> [String: UInt64] {
        guard file == "/bin/there" else { throw PlaceError("cannot be read: it is not there") }
        return ["main": 0x1000]
    }
    func place(of address: UInt64, in file: String) throws(PlaceError) -> UInt64? {
        address >= 0x400000 ? address - 0x400000 : nil
    }
    func probes(in file: String) throws(PlaceError) -> [ELFProbe] {
        guard file == "/bin/there" else { throw PlaceError("cannot be read: it is not there") }
        return probes
    }

    func digest(_ algorithm: String, of file: String) throws(PlaceError) -> String? {
        guard file == "/bin/there" else { throw PlaceError("cannot be read: it is not there") }
        return digests[algorithm]
    }

    /// The plan of a policy with this spec.
    func plan(_ spec: String) throws -> PolicyPlan {
        let collection = Reading.read(Reading.policy(spec))
        #expect(collection.isRight, "\(collection.problems)")
        return PolicyPlan(try #require(collection.policies.first), on: self)
    }

    /// The only request for the only hook of a policy with this spec.
    func request(_ spec: String) throws -> HookRequest {
        let hook = try #require(try plan(spec).hooks.first)
        if case .refused(let problems) = hook.outcome { Issue.record("\(problems)") }
        #expect(hook.requests.count == 1)
        return try #require(hook.requests.first)
    }

    /// Why the first hook of a policy with this spec is not loaded, without the file's name.
    func reasons(_ spec: String) throws -> [String] {
        guard case .refused(let problems) = try #require(try plan(spec).hooks.first).outcome else { return [] }
        return problems.map { "\($0.place.line) \($0.path): \($0.what)" }
    }

    /// What is to be known of the first hook.
    func warnings(_ spec: String) throws -> [String] {
        try #require(try plan(spec).hooks.first).warnings.map { "\($0.path): \($0.what)" }
    }
}
