import BPF
import Filters
import Model
import Probes
import UserInput

extension HookPlanner {
    /// How many arguments lie in registers when a function is entered, and how many a trampoline passes on.
    private static let (inRegisters, byTrampoline) = (6, 12)

    /// Functions of the kernel, or system calls.
    mutating func functionTargets(_ hook: FunctionHook) -> [HookTarget] {
        var names = [hook.call.map { "\($0)" }]
        var isOfCalls = hook.isSystemCall
        if case .list(let name) = hook.call.value {
            guard let list = policy.spec.lists.first(where: { $0.name.value == name }) else { return [] }
            switch list.kind {
            case .functions: names = list.values
            case .systemCalls: (names, isOfCalls) = (list.values, true)
            case .allSystemCalls: return callTargets(kernel.systemCalls.all, hook)
            case .traceable:
                guard let found = traceable(list, hook) else { return [] }
                names = found
            }
        }
        guard isOfCalls else { return functionTarget(names, hook).map { [$0] } ?? [] }
        let known = names.compactMap { call($0, hook) }
        guard errors.isEmpty, !known.isEmpty else { return [] }
        return callTargets(known, hook)
    }

    private mutating func traceable(_ list: FunctionList, _ hook: FunctionHook) -> [Placed<String>]? {
        guard let all = kernel.traceable else {
            error(
                hook.call.place,
                "\(path).call",
                "list '\(list.name.value)' needs the functions that ftrace knows: mount tracefs at /sys/kernel/tracing"
            )
            return nil
        }
        let pattern = list.pattern?.value ?? "*"
        let glob = Glob(pattern)
        // What the kernel has twice, or hides, is nobody's in particular.
        let found = all.filter { name in
            (kernel.symbols.map { $0[name]?.count == 1 } ?? true)
                && Array(name.utf8).withUnsafeBytes { glob.matches($0) }
        }.sorted()
        if found.isEmpty {
            error(
                list.pattern?.place ?? list.place,
                "\(path).call",
                "no function that can be traced fits '\(VisibleText.of(pattern))'"
            )
        }
        return found.isEmpty ? nil : found.map { Placed($0, hook.call.place) }
    }

    private mutating func call(_ name: Placed<String>, _ hook: FunctionHook) -> SystemCallTable.Call? {
        if let call = kernel.systemCalls.call(name.value) { return call }
        let what =
            Callee.isSystemCall(name.value)
            ? "this machine has no system call '\(VisibleText.of(name.value))'"
                + PlanWords.did(name.value, among: kernel.systemCalls.names)
            : "'\(VisibleText.of(name.value))' is no system call: say syscall: false"
        absent(name.place, what, hook)
        return nil
    }

    /// A function that is not there, which the policy may allow.
    private mutating func absent(_ place: InputPlace, _ what: String, _ hook: FunctionHook) {
        if hook.mayBeMissing {
            missing = InputProblem(place: place, path: "\(path).call", what: what, severity: .warning)
        } else {
            error(place, "\(path).call", what)
        }
    }

    /// What a call is given and what it returns are both there when it returns, and the memory that it points to as well.
    ///
    /// But what its process is may be another by then: conditions on that are about what it was when it made the call.
    private mutating func callTargets(_ calls: [SystemCallTable.Call], _ hook: FunctionHook) -> [HookTarget] {
        let asks = looksAtProcess
        let waits = hook.body.returnValue != nil
        for call in calls where asks && waits && call.returns && call.changesProcess {
            warning(
                hook.call.place,
                "\(path).call",
                "\(call.name) is looked at when it returns, and so are the namespaces and capabilities of its process, which are "
                    + "those after the call then: take out return to have those before it"
            )
        }
        let isEarly = { (call: SystemCallTable.Call) in !call.returns || asks && !waits && call.changesProcess }
        let name = calls.count == 1 ? calls.first?.name : nil
        let format = name.flatMap { kernel.format(of: "sys_enter_\($0)", in: "syscalls") }
        // Behind the common fields and the call's number.
        let count = format.map { max(0, $0.fields.count - 5) } ?? Self.inRegisters
        let groups: [(HookPoint.Attachment, [SystemCallTable.Call])] = [
            (.syscallExit, calls.filter { !isEarly($0) }), (.syscallEnter, calls.filter(isEarly)),
        ]
        return groups.filter { !$0.1.isEmpty }.map { attachment, calls in
            let functions = calls.map { HookPoint.Function(symbol: $0.symbol, name: $0.symbol, number: $0.number) }
            return HookTarget(
                points: [HookPoint(attachment, functions)],
                kind: .kprobe,
                source: .systemCall(count: count, returns: attachment == .syscallExit)
            )
        }
    }

    /// Whether a condition or a value is about what the process is or may, and not what it calls.
    private var looksAtProcess: Bool {
        hook.body.data.contains { $0.source == .currentTask }
            || hook.body.selectors.contains { selector in
                let selector = selector.expanded(with: policy.spec.macros)
                return !selector.namespaces.isEmpty || !selector.capabilities.isEmpty
            }
    }

    private mutating func functionTarget(_ names: [Placed<String>], _ hook: FunctionHook) -> HookTarget? {
        let known = names.filter { isThere($0, hook) }.map(\.value)
        guard !known.isEmpty, let attachment = attachment(for: known, hook) else { return nil }
        let isTyped = attachment == .fentry
        var (functions, points) = ([CallSource.Function](), [HookPoint]())
        var types: KernelTypes?
        for name in known {
            let module = kernel.symbols?[name]?.module
            let described = module.map { kernel.types(ofModule: $0) } ?? kernel.types
            let prototype = described?.function(name)
            if prototype != nil { types = types ?? described }
            if prototype == nil, isTyped {
                error(
                    hook.call.place,
                    "\(path).call",
                    "this kernel does not tell what \(name) takes, which fentry needs: "
                        + (kernel.types == nil
                            ? PlanWords.needsTypes : "hook it by kprobes, or a function that calls it")
                )
            }
            functions.append(CallSource.Function(name: name, prototype: prototype))
            if isTyped {
                points.append(HookPoint(.fentry, [HookPoint.Function(symbol: name, name: name)], module: module))
            }
        }
        if !isTyped {
            points = [HookPoint(attachment, known.map { HookPoint.Function(symbol: $0, name: $0) })]
        }
        return HookTarget(
            points: points,
            kind: .kprobe,
            source: .kernel(
                functions,
                types: types,
                readable: isTyped ? Self.byTrampoline : Self.inRegisters,
                hasRegisters: !isTyped,
                returns: true
            )
        )
    }

    /// Whether the kernel has a function once; a problem where not.
    private mutating func isThere(_ name: Placed<String>, _ hook: FunctionHook) -> Bool {
        let text = name.value
        guard let symbols = kernel.symbols else {
            guard let types = kernel.types, types.function(text) == nil else { return true }
            absent(
                name.place,
                "this kernel has no function '\(text)'\(PlanWords.did(text, among: types.functions))",
                hook
            )
            return false
        }
        guard let symbol = symbols[text] else {
            let parts = symbols.parts(of: text)
            let remedy =
                parts.isEmpty
                ? PlanWords.did(text, among: symbols.names)
                : "; the compiler made \(Words.list(parts, "and")) of it: hook a function that calls it"
            absent(name.place, "this kernel has no function '\(text)'\(remedy)", hook)
            return false
        }
        guard symbol.count == 1 else {
            error(
                name.place,
                "\(path).call",
                "this kernel has \(symbol.count) functions called '\(text)', and which one is meant cannot be said: hook a "
                    + "function that calls it"
            )
            return false
        }
        return true
    }

    /// The first way to these functions that this kernel has.
    private mutating func attachment(for names: [String], _ hook: FunctionHook) -> HookPoint.Attachment? {
        let needsMany = hook.body.arguments.contains { max($0.index, $0.sizeIndex ?? 0) >= Self.inRegisters }
        let needsRegisters = hook.body.data.contains { $0.source == .registers }
        var candidates: [HookPoint.Attachment] = [.fentry]
        if hook.section == .kprobes {
            candidates = policy.spec.options.disablesMultipleKprobes ? [.kprobe] : [.kprobeMulti, .kprobe]
            if needsMany { candidates = [] }
            if !needsRegisters { candidates.append(.fentry) }
        }
        let untraceable = kernel.traceable.flatMap { known in names.first { !known.contains($0) } }
        var reasons: [String] = []
        for candidate in candidates {
            if candidate != .kprobe, let untraceable {
                reasons.append("\(candidate.words): ftrace cannot stop at \(untraceable)")
                continue
            }
            guard case .missing(let why) = kernel.availability(of: candidate) else { return candidate }
            reasons.append("\(candidate.words): \(why)")
        }
        let what =
            candidates.isEmpty ? "arguments above 5 and registers do not go together" : reasons.joined(separator: "; ")
        error(hook.call.place, "\(path).call", "this kernel does not let programs watch it (\(what))")
        return nil
    }
}

extension HookPoint.Attachment {
    /// As people call it.
    package var words: String {
        switch self {
        case .fentry: "fentry"
        case .kprobeMulti: "kprobe.multi"
        case .kprobe: "kprobe"
        case .lsm: "LSM"
        case .tracepoint: "tracepoint"
        case .rawTracepoint: "raw tracepoint"
        case .syscallExit: "return of system calls"
        case .syscallEnter: "entry of system calls"
        case .uprobe: "uprobe"
        }
    }
}
