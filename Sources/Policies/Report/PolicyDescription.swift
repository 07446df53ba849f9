/// What a policy does, in words, for people and as JSON.
package struct PolicyDescription: Sendable, Encodable {
    /// One hook of it.
    package struct Hook: Sendable, Encodable {
        /// The policy's section.
        package let section: String
        /// The function, tracepoint or place of a program.
        package let target: String
        /// Where it begins.
        package let line: Int
        /// What its events say for people.
        package let message: String?
        /// Words to find its events by.
        package let tags: [String]
        /// What is read of a call.
        package let reads: [String]
        /// When it does what, the first that matches; none: always an event.
        package let selectors: [Selector]
        /// What becomes of it on this kernel; nil where no kernel was asked.
        package let kernel: KernelDescription?
    }

    /// One selector of a hook.
    package struct Selector: Sendable, Encodable {
        /// What the books call it.
        package let label: String?
        /// All must hold; none: always.
        package let when: [String]
        /// What happens then, in this order.
        package let then: [String]
        /// What happens at the return.
        package let atReturn: [String]
    }

    /// The policy's name.
    package let name: String
    /// The policy's kind.
    package let kind: String
    /// The Kubernetes namespace.
    package let namespace: String?
    /// Where it was read.
    package let file: String
    /// Where its document begins.
    package let line: Int
    /// For whom it is.
    package let scope: String
    /// What is to be said of the whole of it.
    package let notes: [String]
    /// What it watches.
    package let hooks: [Hook]

    /// Describes a policy, and what becomes of it on a kernel.
    package init(_ policy: TracingPolicy, on kernel: some KernelFacts) {
        let plan = PolicyPlan(policy, on: kernel)
        self.init(policy, plan.hooks.map { KernelDescription($0, on: kernel) })
    }

    /// Describes a policy.
    package init(_ policy: TracingPolicy) { self.init(policy, policy.spec.hooks.map { _ in nil }) }

    private init(_ policy: TracingPolicy, _ kernel: [KernelDescription?]) {
        let spec = policy.spec
        name = policy.name
        kind = policy.kind.rawValue
        namespace = policy.metadata.namespace?.value
        file = policy.place.file
        line = policy.place.line
        scope = ScopeWords.of(
            pods: spec.podSelector,
            containers: spec.containerSelector,
            includesHost: spec.includesHost,
            namespace: policy.metadata.namespace?.value
        )
        var notes: [String] = []
        for enforcer in spec.enforcers {
            let calls = Words.list(enforcer.calls.map { "\($0.value)" }, "and")
            notes.append("\(calls) fail, or kill, where a hook has notified the enforcer")
        }
        if spec.options.mode == .monitor { notes.append("actions are told and not taken (policy-mode: monitor)") }
        self.notes = notes
        hooks = zip(spec.hooks, kernel).map { Hook($0, spec.macros, $1) }
    }

    /// In lines.
    package var text: String {
        var lines = ["\(name): a \(kind)\(namespace.map { " of \($0)" } ?? ""), \(file):\(line)", "  for \(scope)"]
        lines += notes.map { "  \($0)" }
        for hook in hooks {
            lines.append("  \(hook.section): \(hook.target)")
            if let message = hook.message { lines.append("    says: \(message)") }
            if !hook.tags.isEmpty { lines.append("    tags: \(hook.tags.joined(separator: ", "))") }
            if !hook.reads.isEmpty { lines.append("    reads: \(hook.reads.joined(separator: "; "))") }
            if hook.selectors.isEmpty {
                let isLoader = hook.section == HookSection.loader.rawValue
                lines.append("    \(isLoader ? "a file that is mapped to be executed" : "always"): an event")
            }
            for (index, selector) in hook.selectors.enumerated() {
                let label = selector.label.map { " (\($0))" } ?? ""
                let when = selector.when.isEmpty ? "always" : selector.when.joined(separator: ", and ")
                lines.append("    \(index == 0 ? "when" : "else when")\(label): \(when)")
                lines.append("      \(selector.then.joined(separator: "; "))")
                if !selector.atReturn.isEmpty {
                    lines.append("      at the return: \(selector.atReturn.joined(separator: "; "))")
                }
            }
            lines += (hook.kernel?.lines ?? []).map { "    \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension PolicyDescription.Hook {
    init(_ hook: any PolicyHook, _ macros: [String: PolicySelector], _ kernel: KernelDescription?) {
        self.kernel = kernel
        let body = hook.body
        section = hook.section.rawValue
        var target = Words.visible(hook.target)
        if let function = hook as? FunctionHook {
            if function.isSystemCall { target += " (system call)" }
            if function.mayBeMissing { target += ", if the kernel has it" }
        }
        var returnWords = "what it returns"
        switch (hook as? FunctionHook)?.returnAction {
        case .trackSocket: returnWords += ", a socket that is this process's from now on"
        case .untrackSocket: returnWords += ", a socket that is nobody's any more"
        case nil: break
        }
        if let tracepoint = hook as? TracepointHook, tracepoint.isRaw { target += " (raw)" }
        self.target = target
        line = body.place.line
        message = body.message.map { Words.visible($0.value) }
        tags = body.tags.map { Words.visible($0.value) }
        reads =
            body.arguments.map { ArgumentWords.of($0, "argument \($0.index)") }
            + body.data.enumerated().map { ArgumentWords.of($1, "data \($0)") }
            + (body.returnValue.map { [ArgumentWords.of($0, returnWords)] } ?? [])
        selectors = body.selectors.map { PolicyDescription.Selector($0.expanded(with: macros), body) }
    }
}

extension PolicyDescription.Selector {
    init(_ selector: PolicySelector, _ body: HookBody) {
        label = selector.label.map { Words.visible($0.value) }
        when = SelectorWords.of(selector, body)
        then = ActionWords.of(selector.actions)
        atReturn = selector.returnActions.isEmpty ? [] : ActionWords.of(selector.returnActions)
    }
}
