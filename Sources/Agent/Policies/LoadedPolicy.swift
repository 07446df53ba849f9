import API
import Filters
import Policies
import Probes

/// A policy of the agent, and what has become of its hooks.
struct LoadedPolicy {
    let policy: TracingPolicy
    /// Nil: a client added it.
    let file: String?
    var isEnabled = true
    /// Its hooks' ticket while it is enabled.
    var ticket: Hooks.Ticket?
    var plan: PolicyPlan?
    /// Why requests of its plan are not there, in their order.
    var failures: [Hooks.Failure?] = []

    var id: PolicyID { PolicyID(policy.name, namespace: policy.metadata.namespace?.value ?? "") }

    /// How it is, its counts left out.
    var status: PolicyStatus {
        var status = PolicyStatus(id)
        status.file = file
        status.mode = "monitor"
        guard isEnabled else {
            status.state = .disabled
            return status
        }
        status.hooks = hooks
        let problems = status.hooks.compactMap(\.problem)
        if problems.isEmpty {
            status.state = .enabled
        } else if status.hooks.contains(where: \.works) {
            status.state = .partiallyEnabled
        } else {
            status.state = .error(problems[0])
        }
        return status
    }

    private var hooks: [PolicyStatus.Hook] {
        guard let plan else { return [] }
        var position = 0
        return plan.hooks.map { hook in
            let source = policy.spec.hooks[hook.index]
            let count = hook.requests.count
            let failures = self.failures.dropFirst(position).prefix(count).compactMap { $0 }
            position += count
            let problem: String? =
                switch hook.outcome {
                case .loads: failures.isEmpty ? nil : failures.map { "\($0)" }.joined(separator: "; ")
                case .skipped: nil
                case .refused(let problems): problems.map { "\($0)" }.joined(separator: "; ")
                }
            let backends = Set(hook.requests.map { $0.point.attachment.name })
            return PolicyStatus.Hook(
                section: source.section.rawValue,
                target: source.target,
                backend: backends.sorted().joined(separator: ", "),
                problem: problem
            )
        }
    }
}

extension HookPoint.Attachment {
    /// As people name it.
    fileprivate var name: String {
        switch self {
        case .fentry: "fentry"
        case .kprobeMulti: "kprobe.multi"
        case .kprobe: "kprobe"
        case .lsm: "LSM"
        case .tracepoint: "tracepoint"
        case .rawTracepoint: "raw tracepoint"
        case .syscallExit: "system call's return"
        case .syscallEnter: "system call's entry"
        case .uprobe: "uprobe"
        }
    }
}
