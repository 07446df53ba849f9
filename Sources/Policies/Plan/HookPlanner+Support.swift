import Filters
import UserInput

extension HookPlanner {
    /// What policies may say and the kernel side cannot do yet: half of it would be worse than nothing.
    mutating func checkSupport() {
        let spec = policy.spec
        if let function = hook as? FunctionHook, let action = function.returnAction {
            unsupported(function.body.place, "\(path).returnArgAction", "\(action.rawValue) is", "take it out")
        }
        for (index, selector) in hook.body.selectors.enumerated() {
            check(selector.expanded(with: spec.macros), "\(path).selectors[\(index)]")
        }
    }

    private mutating func check(_ selector: PolicySelector, _ path: String) {
        for filter in selector.processes where filter.isNamespaced && filter.followsForks {
            unsupported(filter.place, "\(path).matchPIDs", "followForks with isNamespacePID is", "keep one of them")
        }
        for filter in selector.parentBinaries where filter.followsChildren {
            unsupported(
                filter.place,
                "\(path).matchParentBinaries",
                "followChildren of parents is",
                "use matchBinaries"
            )
        }
        for filter in selector.binaries
        where filter.followsChildren && filter.operator != .isIn && filter.operator != .isNotIn {
            let what = "\(filter.operator.rawValue) with followChildren is"
            unsupported(filter.place, "\(path).matchBinaries", what, "use In or NotIn")
        }
        for (name, actions) in [
            ("matchActions", selector.actions), ("matchReturnActions", selector.returnActions),
        ] {
            for action in actions { check(action, "\(path).\(name)") }
        }
        if !selector.actions.isEmpty, let action = selector.returnActions.first {
            let remedy = "give the selector one of both"
            unsupported(action.place, "\(path).matchReturnActions", "actions at both entry and return are", remedy)
        }
    }

    private mutating func check(_ action: PolicyAction, _ path: String) {
        switch action.effect {
        case .noPost: break
        case .post(let options):
            if options.hasKernelStack { unsupported(action.place, "\(path).kernelStackTrace", "stack traces are") }
            if options.hasUserStack { unsupported(action.place, "\(path).userStackTrace", "stack traces are") }
            if options.hasIMAHash { unsupported(action.place, "\(path).imaHash", "imaHash is") }
        default: unsupported(action.place, path, "\(action.effect.name.rawValue) is")
        }
    }

    private mutating func unsupported(_ place: InputPlace, _ path: String, _ what: String, _ remedy: String? = nil) {
        error(place, path, "\(what) not supported yet: \(remedy ?? "take it out, or wait for it")")
    }

    /// The kernel program's own limits.
    mutating func checkLimits(_ request: HookRequest) {
        let counters = request.effectiveRows.map { _ in UInt32(0) }
        do throws(HookDesign.Problem) {
            _ = try HookDesign(hook: 0, [HookDesign.Part(request, counters: counters)])
        } catch {
            self.error(hook.body.place, path, "\(error)")
        }
    }
}
