import UserInput

/// The sections of a policy that hold hooks.
package enum HookSection: String, Sendable, CaseIterable {
    case kprobes, fentries, tracepoints, uprobes, usdts, lsmhooks, loader
}

/// One place that a policy watches.
package protocol PolicyHook: Sendable {
    /// Which section it stands in.
    var section: HookSection { get }
    /// What it is hooked to, as people name it.
    var target: String { get }
    /// What all hooks have.
    var body: HookBody { get }
}

/// What hooks of every section have.
package struct HookBody: Sendable {
    /// Where the hook begins.
    package let place: InputPlace
    /// What its events say for people.
    package let message: Placed<String>?
    /// Words to find its events by.
    package let tags: [Placed<String>]
    /// What is read of the call.
    package let arguments: [PolicyArgument]
    /// What is read beside the call's arguments.
    package let data: [PolicyArgument]
    /// What is read when the function returns.
    package let returnValue: PolicyArgument?
    /// When it does what: the first that matches decides.
    package let selectors: [PolicySelector]
}

/// A function of the kernel.
package struct FunctionHook: PolicyHook {
    /// What a return value does to the socket that it is.
    package enum ReturnAction: String, Sendable, CaseIterable {
        case trackSocket = "TrackSock"
        case untrackSocket = "UntrackSock"
    }

    /// Which function, or which list of them.
    package let call: Placed<Callee>
    /// Whether it is a system call.
    package let isSystemCall: Bool
    /// What the return value does to the socket that it is.
    package let returnAction: ReturnAction?
    /// Whether a kernel without this function is no fault.
    package let mayBeMissing: Bool
    package let section: HookSection
    package let body: HookBody

    package var target: String { "\(call.value)" }
}

/// A function by its name, or a list of them.
package enum Callee: Sendable, Equatable, CustomStringConvertible {
    /// A symbol; of a system call as `sys_NAME`, with its table before it where it is not the machine's own.
    case symbol(String)
    /// A list of the same policy.
    case list(String)

    /// As it is written.
    package var description: String {
        switch self {
        case .symbol(let name): name
        case .list(let name): "list:\(name)"
        }
    }
}

/// A tracepoint of the kernel.
package struct TracepointHook: PolicyHook {
    /// The group of tracepoints.
    package let subsystem: Placed<String>
    /// Its name in the group.
    package let event: Placed<String>
    /// Whether its arguments are read before they are put in form.
    package let isRaw: Bool
    package let body: HookBody

    package var section: HookSection { .tracepoints }
    package var target: String { "\(subsystem.value)/\(event.value)" }
}

/// A hook of the Linux security modules.
package struct LSMHook: PolicyHook {
    /// Its name, without a prefix.
    package let hook: Placed<String>
    package let body: HookBody

    package var section: HookSection { .lsmhooks }
    package var target: String { hook.value }
}

/// Files that are mapped to be executed: what `loader: true` stands for.
package struct LoaderHook: PolicyHook {
    package let body: HookBody

    /// - Parameter place: where the policy's specification begins.
    init(_ place: InputPlace) {
        body = HookBody(
            place: place,
            message: nil,
            tags: [],
            arguments: [],
            data: [],
            returnValue: nil,
            selectors: []
        )
    }

    package var section: HookSection { .loader }
    package var target: String { Self.function }

    /// Every mapping of a file goes by it, and the one that an execution makes, too.
    static let function = "security_mmap_file"

    /// As a hook on that function.
    var asFunction: FunctionHook {
        FunctionHook(
            call: Placed(.symbol(Self.function), body.place),
            isSystemCall: false,
            returnAction: nil,
            mayBeMissing: false,
            section: .loader,
            body: body
        )
    }
}
