extension PolicyAction {
    /// Whether it fits the hook that it is for.
    func check(_ context: HookContext, _ path: String, isReturn: Bool) {
        let reading = context.reading
        let name = effect.name
        guard Self.allowed(context.section).contains(name) else {
            let allowed = Self.allowed(context.section).map(\.rawValue).joined(separator: ", ")
            reading.error(place, "\(path).action", "\(context.noun) cannot \(name.rawValue); allowed are \(allowed)")
            return
        }
        if isReturn, name == .override {
            reading.error(place, "\(path).action", "the function has run when it returns: use Override in matchActions")
        }
        switch effect {
        case .trackSocket(let index), .untrackSocket(let index):
            check(index, context, "\(path).argSock", "a sock") { $0.type == .sock || $0.type == .socket }
        case .set(let index, _): check(index, context, "\(path).argIndex", "any type") { _ in true }
        case .redirect where context.section != .uprobes:
            reading.error(place, path, "only uprobes go on elsewhere; use argError")
        case .post(let options): check(options, context, path)
        case .notifyEnforcer: context.spec.noteNotification(place, path)
        default: break
        }
    }

    /// What hooks of a section can do.
    private static func allowed(_ section: HookSection) -> [ActionName] {
        switch section {
        case .kprobes: ActionName.allCases.filter { $0 != .set }
        // They may only watch.
        case .fentries: [.post, .noPost, .getURL, .lookUp, .trackSocket, .untrackSocket]
        case .tracepoints: ActionName.allCases.filter { $0 != .set && $0 != .override }
        case .uprobes: [.post, .noPost, .kill, .signal, .override]
        case .usdts: [.post, .noPost, .kill, .signal, .set]
        case .loader: []
        case .lsmhooks: [.post, .noPost, .kill, .signal, .override]
        }
    }

    private func check(_ options: PostOptions, _ context: HookContext, _ path: String) {
        let reading = context.reading
        let hasStacks = context.section != .lsmhooks && context.section != .tracepoints
        if !hasStacks, options.hasKernelStack || options.hasUserStack {
            reading.warning(place, path, "stack traces have no effect with \(context.noun)")
        }
        guard options.hasIMAHash else { return }
        if context.section != .lsmhooks {
            reading.error(place, "\(path).imaHash", "is for lsmhooks alone")
        } else if !LSMHook.withHashes.contains(context.target) {
            let allowed = LSMHook.withHashes.sorted().joined(separator: ", ")
            reading.error(place, "\(path).imaHash", "\(context.target) has no file to hash; allowed are \(allowed)")
        }
    }

    private func check(
        _ index: Int,
        _ context: HookContext,
        _ path: String,
        _ what: String,
        _ fits: (PolicyArgument) -> Bool
    ) {
        // One that could not be read may be the one.
        guard !context.arguments.contains(where: { $0 == nil }) else { return }
        let arguments = context.arguments.compactMap(\.self)
        guard let argument = arguments.first(where: { $0.index == index }) else {
            let known = arguments.map { "\($0.index)" }.joined(separator: ", ")
            context.reading.error(
                place,
                path,
                "\(context.path).args has no argument with index \(index); it has \(known.isEmpty ? "none" : known)"
            )
            return
        }
        if !fits(argument) {
            context.reading.error(place, path, "argument \(index) is \(argument.type.rawValue), not \(what)")
        }
    }
}

extension PolicyAction.Effect {
    /// What policies call it.
    package var name: ActionName {
        switch self {
        case .post: .post
        case .noPost: .noPost
        case .kill: .kill
        case .signal: .signal
        case .override, .redirect: .override
        case .getURL: .getURL
        case .lookUp: .lookUp
        case .trackSocket: .trackSocket
        case .untrackSocket: .untrackSocket
        case .notifyEnforcer: .notifyEnforcer
        case .cleanUpEnforcer: .cleanUpEnforcer
        case .set: .set
        }
    }
}
