import Model

/// What actions do.
enum ActionWords {
    static func of(_ actions: [PolicyAction]) -> [String] {
        var words: [String] = []
        var isPosted = true
        var options: PolicyAction.PostOptions?
        for action in actions {
            switch action.effect {
            case .post(let given): options = given
            case .noPost: isPosted = false
            default: words.append(text(action.effect))
            }
        }
        // Whatever else is done is told, unless the policy says otherwise.
        return [isPosted ? post(options ?? PolicyAction.PostOptions()) : "no event"] + words
    }

    private static func post(_ options: PolicyAction.PostOptions) -> String {
        var text = "an event"
        if let limit = options.rateLimit {
            let whom =
                switch limit.scope {
                case .thread: "for each thread"
                case .process: "for each process"
                case .global: "for all together"
                }
            text += ", of the same at most one in \(limit.seconds) s \(whom)"
        }
        var parts: [String] = []
        if options.hasKernelStack { parts.append("the kernel's stack") }
        if options.hasUserStack { parts.append("the program's stack") }
        if options.hasIMAHash { parts.append("the file's hash") }
        return parts.isEmpty ? text : "\(text), with \(Words.list(parts, "and"))"
    }

    private static func text(_ effect: PolicyAction.Effect) -> String {
        switch effect {
        case .post, .noPost: ""
        case .kill: "SIGKILL to the process, which ends it on its way back to user space"
        case .signal(let number): "\(signal(number)) to the process"
        case .override(let error): "the function does not run and returns \(returned(error))"
        case .redirect(.symbol(let name)): "the function \(Words.visible(name)) runs in its place"
        case .redirect(.address(let number)): "it goes on at address 0x\(String(number, radix: 16))"
        case .redirect(.offset(let number)): "it goes on at offset 0x\(String(number, radix: 16))"
        case .redirect(.registers(let changes)):
            "registers are changed: \(Words.list(changes.map(\.register), "and"))"
        case .getURL(let url): "\(Words.visible(url)) is asked for"
        case .lookUp(let name): "\(Words.visible(name)) is looked up"
        case .trackSocket(let index): "the socket in argument \(index) is this process's from now on"
        case .untrackSocket(let index): "the socket in argument \(index) is nobody's any more"
        case .notifyEnforcer(let error, let number):
            "the enforcer's functions "
                + Words.list(
                    [error.map { "return \(returned($0))" }, number.map { "send \(signal($0))" }].compactMap(\.self),
                    "and"
                )
        case .cleanUpEnforcer: "what the enforcer was notified of is taken back"
        case .set(let index, let value): "\(value) is written where argument \(index) points to"
        }
    }

    private static func signal(_ number: Int32) -> String { Names.signal(number).map { "\($0)" } ?? "signal \(number)" }

    private static func returned(_ error: Int32) -> String {
        Names.errno(-error).map { "\(error) (\($0))" } ?? "\(error)"
    }
}
