import BPF
import Filters
import Model
import Probes

/// Where a hook goes on this kernel.
struct HookTarget {
    /// One for each program.
    let points: [HookPoint]
    let kind: EventKind
    /// What events show beside the function's name.
    var group: String?
    let source: CallSource
}

/// What the arguments of a call are there.
enum CallSource {
    /// A function of the kernel that is described, where it is.
    struct Function {
        let name: String
        let prototype: KernelTypes.Prototype?
    }

    /// Values of the kernel, as functions, tracepoints and security hooks are given them.
    case kernel([Function], types: KernelTypes?, readable: Int, hasRegisters: Bool, returns: Bool)
    /// Values that a program gives a system call.
    case systemCall(count: Int, returns: Bool)
    /// A tracepoint's record.
    case record(TracepointFormat, isOfSystemCall: Bool)
    /// Values that one function of a program gives another.
    case user(types: String, readable: Int)
    /// Values that a program shows at a USDT probe, as its file describes them.
    case probe([String], types: String)

    /// Whether the only program runs when all is over.
    var runsAtReturn: Bool {
        if case .systemCall(_, let returns) = self { return returns }
        return false
    }

    /// Whether there is a return to wait for.
    var returns: Bool {
        switch self {
        case .kernel(_, _, _, _, let returns), .systemCall(_, let returns): returns
        case .record, .probe: false
        case .user: true
        }
    }
}
