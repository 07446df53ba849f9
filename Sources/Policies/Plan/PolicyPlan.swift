import Filters
import UserInput

/// What becomes of a policy on one kernel: for each hook what is to be loaded, or why nothing is.
package struct PolicyPlan: Sendable {
    /// What becomes of a hook.
    package enum Outcome: Sendable {
        /// It can be loaded: one request for each program.
        case loads([HookRequest])
        /// The kernel has no such function, which the policy allows.
        case skipped(InputProblem)
        /// It cannot be loaded, for these reasons.
        case refused([InputProblem])
    }

    /// One hook of the policy.
    package struct Hook: Sendable {
        /// Its place among `PolicySpec.hooks`.
        package let index: Int
        /// What becomes of it.
        package let outcome: Outcome
        /// What is to be known of it all the same.
        package let warnings: [InputProblem]

        /// What is to be loaded.
        package var requests: [HookRequest] {
            if case .loads(let requests) = outcome { return requests }
            return []
        }
    }

    /// Its hooks, in the order of `PolicySpec.hooks`.
    package let hooks: [Hook]
    /// What is to be loaded for all hooks.
    package var requests: [HookRequest] { hooks.flatMap(\.requests) }

    /// Plans a policy for a kernel.
    package init(_ policy: TracingPolicy, on kernel: some KernelFacts) {
        let spec = policy.spec
        var positions: [HookSection: Int] = [:]
        hooks = spec.hooks.enumerated().map { index, hook in
            let position = positions[hook.section, default: 0]
            positions[hook.section] = position + 1
            let path = "spec.\(hook.section.rawValue)"
            var planner = HookPlanner(hook, hook is LoaderHook ? path : "\(path)[\(position)]", of: policy, on: kernel)
            let outcome = planner.outcome()
            return Hook(index: index, outcome: outcome, warnings: planner.warnings)
        }
    }
}
