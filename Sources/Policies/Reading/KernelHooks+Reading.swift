extension FunctionHook {
    init?(_ node: YAMLNode, _ path: String, _ section: HookSection, _ spec: SpecContext) {
        let reading = spec.reading
        guard var fields = FieldReader(node, path, reading, "a hook with the function that it calls") else {
            return nil
        }
        let text = fields.text("call", required: "it names the function")
        let call = text.flatMap { text in
            spec.callee(text, "\(path).call").map { Placed($0, text.place) }
        }
        // As Kubernetes would set it.
        let isSystemCall = fields.boolean("syscall", default: true)
        if let call, case .symbol(let name) = call.value, isSystemCall, !Callee.isSystemCall(name) {
            fields.warning(
                "call",
                call.place,
                "'\(name)' is no system call by its name, but syscall is true unless the hook says syscall: false"
            )
        }
        let rules = ArgumentRules(
            section: section,
            lastIndex: PolicyLimits.argumentIndex,
            takesAutomatic: section == .fentries,
            resolves: true
        )
        let body = HookBody(
            &fields,
            section,
            spec,
            target: text?.value ?? "",
            rules: rules,
            hasData: true,
            hasReturn: true
        )
        let names = ReturnAction.allCases.map(\.rawValue)
        let returnAction = fields.choice("returnArgAction", names) { ReturnAction(rawValue: $0) }
        if let returnAction, let value = body.returnValue, value.type != .sock, value.type != .socket {
            fields.error(
                "returnArgAction",
                returnAction.place,
                "\(returnAction.value.rawValue) needs a returnArg of type sock, not \(value.type.rawValue)"
            )
        } else if let returnAction, body.returnValue == nil {
            fields.error("returnArgAction", returnAction.place, "needs return: true and a returnArg of type sock")
        }
        let mayBeMissing = fields.ignored("callNotFound")
        fields.finish()
        guard let call else { return nil }
        self.init(
            call: call,
            isSystemCall: isSystemCall,
            returnAction: returnAction?.value,
            mayBeMissing: mayBeMissing,
            section: section,
            body: body
        )
    }
}

extension FieldReader {
    /// A fault that `ignore` names, and whether it is one.
    mutating func ignored(_ name: String) -> Bool {
        guard let node = node("ignore") else { return false }
        guard var inner = FieldReader(node, path(of: "ignore"), reading, "a mapping with \(name)") else { return false }
        let value = inner.boolean(name)
        inner.finish()
        return value
    }
}

extension TracepointHook {
    init?(_ node: YAMLNode, _ path: String, _ spec: SpecContext) {
        let reading = spec.reading
        guard var fields = FieldReader(node, path, reading, "a tracepoint with subsystem and event") else { return nil }
        let subsystem = fields.text("subsystem", required: "it names the group of the tracepoint, such as sched")
        let event = fields.text("event", required: "it names the tracepoint in its group, such as sched_switch")
        for (name, text) in [("subsystem", subsystem), ("event", event)] {
            guard let text, !KernelName.isIdentifier(text.value) else { continue }
            fields.error(
                name,
                text.place,
                "'\(VisibleText.of(text.value))' is no name; letters, digits and _ are allowed"
            )
        }
        let isRaw = fields.boolean("raw")
        let rules = ArgumentRules(
            section: .tracepoints,
            lastIndex: isRaw ? PolicyLimits.argumentIndex : PolicyLimits.fieldIndex,
            takesAutomatic: true,
            resolves: isRaw
        )
        let target = "\(subsystem?.value ?? "")/\(event?.value ?? "")"
        let body = HookBody(
            &fields,
            .tracepoints,
            spec,
            target: target,
            rules: rules,
            hasData: false,
            hasReturn: false
        )
        fields.finish()
        guard let subsystem, let event else { return nil }
        self.init(subsystem: subsystem, event: event, isRaw: isRaw, body: body)
    }
}

extension LSMHook {
    /// Hooks with a file or a program, which the kernel's integrity measurement has hashes of.
    static let withHashes: Set<String> = [
        "bprm_check_security", "bprm_committed_creds", "bprm_committing_creds", "bprm_creds_from_file",
        "bprm_creds_for_exec", "file_ioctl", "file_lock", "file_open", "file_post_open", "file_receive", "mmap_file",
    ]

    init?(_ node: YAMLNode, _ path: String, _ spec: SpecContext) {
        let reading = spec.reading
        guard var fields = FieldReader(node, path, reading, "an LSM hook with its name") else { return nil }
        let hook = fields.text("hook", required: "it names the hook, such as file_open")
        if let hook, !KernelName.isIdentifier(hook.value) {
            fields.error(
                "hook",
                hook.place,
                "'\(VisibleText.of(hook.value))' is no name; letters, digits and _ are allowed"
            )
        }
        for prefix in ["bpf_lsm_", "security_"] {
            guard let hook, hook.value.hasPrefix(prefix) else { continue }
            fields.error(
                "hook",
                hook.place,
                "the name of an LSM hook has no '\(prefix)': \(hook.value.dropFirst(prefix.count))"
            )
        }
        let rules = ArgumentRules(
            section: .lsmhooks,
            lastIndex: PolicyLimits.argumentIndex,
            takesAutomatic: true,
            resolves: true
        )
        let body = HookBody(
            &fields,
            .lsmhooks,
            spec,
            target: hook?.value ?? "",
            rules: rules,
            hasData: false,
            hasReturn: false
        )
        fields.finish()
        guard let hook else { return nil }
        self.init(hook: hook, body: body)
    }
}
