import CWire
import Filters
import Model
import Probes
import UserInput

/// Plans one hook: where it goes, what it reads, what it compares.
struct HookPlanner {
    /// Something that is read, and what it turned out to be.
    struct Value {
        /// Its position among the readings.
        let reading: Int
        let type: ArgumentType
        let isAtReturn: Bool
    }

    let hook: any PolicyHook
    let path: String
    let policy: TracingPolicy
    let kernel: any KernelFacts
    /// Why it cannot be loaded.
    var errors: [InputProblem] = []
    var warnings: [InputProblem] = []
    /// The function is not there, and need not be.
    var missing: InputProblem?
    var readings: [Reading] = []
    var shown: [HookRequest.Shown] = []
    /// By their position in the policy's list; nil for what is not read.
    private(set) var arguments: [Value?] = []
    private(set) var data: [Value?] = []
    private(set) var returned: Value?
    /// Of calls in a list of which others return.
    private(set) var neverReturns = false

    init(_ hook: any PolicyHook, _ path: String, of policy: TracingPolicy, on kernel: any KernelFacts) {
        self.hook = hook
        self.path = path
        self.policy = policy
        self.kernel = kernel
    }

    mutating func error(_ place: InputPlace, _ path: String, _ what: String) {
        errors.append(InputProblem(place: place, path: path, what: what, severity: .error))
    }

    mutating func warning(_ place: InputPlace, _ path: String, _ what: String) {
        let problem = InputProblem(place: place, path: path, what: what, severity: .warning)
        // Several targets may be alike in this.
        if !warnings.contains(problem) { warnings.append(problem) }
    }

    mutating func outcome() -> PolicyPlan.Outcome {
        checkSupport()
        let targets = targets()
        guard !targets.isEmpty else {
            if let missing, errors.isEmpty { return .skipped(missing) }
            return .refused(errors)
        }
        if let missing { warnings.append(missing) }
        var requests: [HookRequest] = []
        for target in targets where errors.isEmpty || requests.isEmpty {
            neverReturns = targets.count > 1 && !target.source.returns
            requests += self.requests(target)
        }
        if errors.isEmpty, let first = requests.first { checkLimits(first) }
        return errors.isEmpty ? .loads(requests) : .refused(errors)
    }

    /// What is read there, which differs from target to target, and one request for each point.
    private mutating func requests(_ target: HookTarget) -> [HookRequest] {
        (readings, shown, arguments, data, returned) = ([], [], [], [], nil)
        let isAtReturn = target.source.runsAtReturn
        let rows: [HookRequest.Row]
        if hook is LoaderHook {
            rows = loaderRows()
        } else {
            readAll(target.source)
            rows = self.rows()
        }
        let waits = !isAtReturn && target.source.returns && readings.contains(where: \.isAtReturn)
        return target.points.map { point in
            HookRequest(
                point,
                kind: target.kind,
                policy: policy.name,
                namespace: policy.metadata.namespace?.value,
                group: target.group,
                message: hook.body.message?.value,
                tags: hook.body.tags.map(\.value),
                waitsForReturn: waits,
                argumentCount: argumentCount(point),
                readings: readings,
                shown: shown,
                rows: rows
            )
        }
    }

    /// A trampoline has what a function returned behind its arguments.
    private func argumentCount(_ point: HookPoint) -> Int? {
        guard point.attachment == .fentry, let symbol = point.functions.first?.symbol else { return nil }
        let types = point.module.flatMap { kernel.types(ofModule: $0) } ?? kernel.types
        return types?.function(symbol)?.parameters.count
    }

    /// None, with a problem, where it cannot go.
    private mutating func targets() -> [HookTarget] {
        let target: HookTarget?
        switch hook {
        case let hook as FunctionHook: return functionTargets(hook)
        case let hook as TracepointHook: target = tracepointTarget(hook)
        case let hook as LSMHook: target = securityTarget(hook)
        case let hook as UserFunctionHook: target = userTarget(hook)
        case let hook as LoaderHook: target = loaderTarget(hook)
        case let hook as UserProbeHook: return probeTargets(hook)
        default: return []
        }
        return target.map { [$0] } ?? []
    }

    private mutating func readAll(_ source: CallSource) {
        let body = hook.body
        for (index, argument) in body.arguments.enumerated() {
            let reading = reading(of: argument, .argument, "\(path).args[\(index)]", source)
            arguments.append(add(reading, MT_ROLE_ARGUMENT, argument.label))
        }
        for (index, argument) in body.data.enumerated() {
            let reading = reading(of: argument, .data, "\(path).data[\(index)]", source)
            data.append(add(reading, MT_ROLE_DATA, argument.label))
        }
        guard let argument = body.returnValue else { return }
        guard source.returns else {
            warning(
                argument.place,
                "\(path).returnArg",
                "this call does not come back to who made it: what it returns is not told"
            )
            return
        }
        let reading = reading(of: argument, .returned, "\(path).returnArg", source)
        returned = add(reading, MT_ROLE_RETURN, argument.label)
    }

    /// Each is read once, however often it is shown.
    private mutating func add(_ read: (reading: Reading, type: ArgumentType)?, _ role: mt_role, _ label: String?)
        -> Value?
    {
        guard let read else { return nil }
        let index = readings.firstIndex(of: read.reading) ?? readings.count
        if index == readings.count { readings.append(read.reading) }
        shown.append(HookRequest.Shown(reading: index, role: role, label: label))
        return Value(reading: index, type: read.type, isAtReturn: read.reading.isAtReturn)
    }
}
