import CWire

/// The fields of calls that policies ask for, by Tetragon's names and in its order; what Tetragon has not stands behind.
extension Fields {
    private static let policyItself = "the policy"

    static let kprobe: [Field] =
        [
            function("function_name", "The function; a system call's by the kernel's name for it."),
            arguments("args", "What the policy reads of the call, in its order.", .argument),
            Field("return", "object", "What the function returned, if the policy asks for it.", from: "as args") {
                let call = Call($0)
                return call.hasNoReturn ? .absent : .argument(call, .result)
            },
            action, policyName,
            Field("return_action", "string", "KPROBE_ACTION_POST, as Tetragon always says.", from: policyItself) { _ in
                .name("KPROBE_ACTION_POST")
            },
            message, tags, data,
        ] + beyond

    static let tracepoint: [Field] =
        [
            group("subsys", "The tracepoint's subsystem."), function("event", "The tracepoint's name."),
            arguments("args", "What the policy reads of the tracepoint, in its order.", .argument, .result),
            policyName, action, message, tags, data,
        ] + beyond

    static let uprobe: [Field] =
        [
            file, function("symbol", "The function's name in the file; absent where the policy gives a place."),
            policyName, message,
            arguments("args", "What the policy reads of the call; what it returned comes last.", .argument, .result),
            tags,
            Field("offset", "number as string", "Where in the file the hook is.", from: policyItself) {
                let offset = Call($0).offset ?? 0
                return offset == 0 ? .absent : .large(offset)
            },
            action, data,
        ] + beyond

    static let usdt: [Field] =
        [
            file, group("provider", "The probe's provider."), function("name", "The probe's name."), policyName,
            message,
            arguments("args", "What the policy reads of the probe, in its order.", .argument, .result), tags, action,
            data,
        ] + beyond

    static let lsm: [Field] =
        [
            function("function_name", "The hook, without bpf_lsm_."), policyName, message,
            arguments("args", "What the policy reads of the call; what it returned comes last.", .argument, .result),
            action, tags, data,
        ] + beyond

    static let loader: [Field] = [
        Field("path", "string", "The file.", from: "kernel memory, at the hook") { text(Call($0).path) },
        Field(
            "buildid",
            "base64",
            "What the linker calls it: its build id. Absent where the file has none, or was gone when the agent looked.",
            from: "the file"
        ) { Call($0).buildID.map { .bytes($0) } ?? .absent },
        policyName,
    ]

    private static let beyond: [Field] = [
        Field("policy_namespace", "string", "The policy's namespace in Kubernetes.", from: policyItself) {
            text(Call($0).namespace)
        },
        Field(
            "selector.index",
            "number",
            "Which of the hook's selectors in the policy matched, from 0.",
            from: policyItself
        ) { Call($0).selector.map { .number(Int64($0)) } ?? .absent },
        Field("selector.label", "string", "Its label.", from: policyItself) { text(Call($0).selectorLabel) },
        Field(
            "duration_ns",
            "number as string",
            "From entry to return, where the return was waited for.",
            from: "the kernel's clock"
        ) { $0.call.pointee.duration == 0 ? .absent : .large($0.call.pointee.duration) },
        Field(
            "marks",
            "list of strings",
            "no_return (how the call returned was asked for and not seen), values_truncated (there was no room for all "
                + "values), compat (by a 32-bit system call).",
            from: "the kernel program"
        ) { .list(UInt64($0.call.pointee.marks), callMarkNames) },
    ]

    private static let file = Field(
        "path",
        "string",
        "The program or library, as the policy names it.",
        from: policyItself
    ) { text(Call($0).file) }

    private static let policyName = Field("policy_name", "string", "The policy that asked for it.", from: policyItself)
    {
        text(Call($0).policy)
    }

    private static let action = Field(
        "action",
        "string",
        "What the policy did: KPROBE_ACTION_POST.",
        from: policyItself
    ) {
        $0.call.pointee.actions & UInt32(MT_ACTION_POST) == 0 ? .absent : .name("KPROBE_ACTION_POST")
    }

    private static let message = Field("message", "string", "What the policy has to say of it.", from: policyItself) {
        text(Call($0).message)
    }

    private static let tags = Field("tags", "list of strings", "The policy's tags.", from: policyItself) {
        .tags(Call($0).tags)
    }

    private static let data = arguments("data", "What the policy reads beside the call's arguments.", .data)

    private static func function(_ name: String, _ summary: String) -> Field {
        Field(name, "string", summary, from: policyItself) { text(Call($0).function) }
    }

    private static func group(_ name: String, _ summary: String) -> Field {
        Field(name, "string", summary, from: policyItself) { text(Call($0).group) }
    }

    private static func arguments(_ name: String, _ summary: String, _ role: Call.Role, _ behind: Call.Role? = nil)
        -> Field
    {
        Field(
            name,
            "list of objects",
            summary + " See below.",
            from: "registers and kernel memory, at the hook; behind a pointer of the caller's, its memory"
        ) {
            let call = Call($0)
            return .arguments(call, role, behind == .result && call.hasNoReturn ? nil : behind)
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer?) -> FieldValue {
        bytes.flatMap { $0.count == 0 ? nil : .text($0) } ?? .absent
    }

    /// What is odd about a path of a call.
    package static let pathMarkNames = NameTable([
        (UInt64(MT_MARK_TRUNCATED), "path_truncated"), (UInt64(MT_MARK_UNRESOLVED), "path_unresolved"),
        (UInt64(MT_MARK_RACED), "path_raced"), (UInt64(MT_MARK_DELETED), "deleted"), (UInt64(MT_MARK_PSEUDO), "pseudo"),
    ])

    /// Why a module taints the kernel, by Tetragon's names: `include/linux/panic.h`.
    package static let moduleTaintNames = NameTable(
        showsRest: true,
        [
            (1 << 0, "TAINT_PROPRIETARY_MODULE"), (1 << 1, "TAINT_FORCED_MODULE"),
            (1 << 2, "TAINT_FORCED_UNLOAD_MODULE"), (1 << 10, "TAINT_STAGED_MODULE"),
            (1 << 12, "TAINT_OUT_OF_TREE_MODULE"), (1 << 13, "TAINT_UNSIGNED_MODULE"),
            (1 << 15, "TAINT_KERNEL_LIVE_PATCH_MODULE"), (1 << 18, "TAINT_TEST_MODULE"),
        ]
    )

    private static let callMarkNames = NameTable([
        (UInt64(MT_CALL_NO_RETURN), "no_return"), (UInt64(MT_CALL_VALUES_TRUNCATED), "values_truncated"),
        (UInt64(MT_CALL_COMPAT), "compat"),
    ])
}
