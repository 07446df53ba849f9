import UserInput

/// What happens when a selector matches.
package struct PolicyAction: Sendable {
    /// Where it begins.
    package let place: InputPlace
    /// What it does.
    package let effect: Effect

    /// What an action does.
    package enum Effect: Sendable, Equatable {
        /// An event.
        case post(PostOptions)
        /// No event.
        case noPost
        /// A SIGKILL, which comes before the process goes on in user space.
        case kill
        /// A signal.
        case signal(Int32)
        /// The function returns this and does not run.
        case override(Int32)
        /// A function of a program goes on elsewhere, or with other registers.
        case redirect(Redirection)
        /// An address of the web is asked for.
        case getURL(String)
        /// A name is looked up.
        case lookUp(String)
        /// The socket that this argument is belongs to the process from now on.
        case trackSocket(Int)
        /// The socket that this argument is belongs to nobody any more.
        case untrackSocket(Int)
        /// The thread's next call of an enforcer's function fails, or kills.
        case notifyEnforcer(error: Int32?, signal: Int32?)
        /// What was told to the enforcer is taken back.
        case cleanUpEnforcer
        /// A number is written where this argument points to.
        case set(argument: Int, value: UInt32)
    }

    /// What an event of an action has.
    package struct PostOptions: Sendable, Equatable {
        /// At most one event of a kind in a time.
        package var rateLimit: RateLimit?
        /// Where the kernel was.
        package var hasKernelStack = false
        /// Where the program was.
        package var hasUserStack = false
        /// The hash that the kernel's integrity measurement has of the file.
        package var hasIMAHash = false

        /// A plain event.
        package init() {}
    }

    /// At most one event of a kind in a time.
    package struct RateLimit: Sendable, Equatable {
        /// For whom events are counted together.
        package enum Scope: String, Sendable, CaseIterable {
            case thread, process, global
        }

        /// The time.
        package let seconds: UInt32
        /// For whom events are counted together.
        package let scope: Scope

        /// At most one event in a time.
        package init(seconds: UInt32, scope: Scope) {
            self.seconds = seconds
            self.scope = scope
        }
    }

    /// Where a function of a program goes on.
    package enum Redirection: Sendable, Equatable {
        case symbol(String)
        case address(UInt64)
        case offset(UInt64)
        case registers([RegisterChange])
    }
}

/// The names that policies have for actions.
package enum ActionName: String, Sendable, CaseIterable {
    case post = "Post"
    case noPost = "NoPost"
    case kill = "Sigkill"
    case signal = "Signal"
    case override = "Override"
    case getURL = "GetUrl"
    case lookUp = "DnsLookup"
    case trackSocket = "TrackSock"
    case untrackSocket = "UntrackSock"
    case notifyEnforcer = "NotifyEnforcer"
    case cleanUpEnforcer = "CleanupEnforcerNotification"
    case set = "Set"

    /// Those of older policies that nothing is done for: descriptors are told with their paths anyway.
    package static let withoutEffect = ["FollowFD", "UnfollowFD", "CopyFD"]
}

/// A register that is given another value.
package struct RegisterChange: Sendable, Equatable {
    /// What a register is given.
    package enum Value: Sendable, Equatable {
        /// A number.
        case number(Int64)
        /// What another one holds, and a number.
        case register(String, offset: Int64)
        /// What is in memory where another one and a number point to.
        case memory(String, offset: Int64)
    }

    /// Which.
    package let register: String
    /// What it is given.
    package let value: Value

    /// Reads `rax=11`, `rsp=8%rsp` or `rip=(%rsp)`; nil when it is none.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, CPURegister.names.contains(String(parts[0])) else { return nil }
        register = String(parts[0])
        guard let value = Self.value(parts[1]) else { return nil }
        self.value = value
    }

    private static func value(_ text: Substring) -> Value? {
        if text.hasSuffix(")") {
            guard let open = text.firstIndex(of: "("), let offset = offset(text[..<open]) else { return nil }
            let name = text[text.index(after: open)...].dropLast()
            guard name.first == "%", CPURegister.names.contains(String(name.dropFirst())) else { return nil }
            return .memory(String(name.dropFirst()), offset: offset)
        }
        guard let sign = text.firstIndex(of: "%") else {
            return PlainNumber.number(text).flatMap { Int64(exactly: $0) }.map { .number($0) }
        }
        let name = String(text[text.index(after: sign)...])
        guard CPURegister.names.contains(name), let offset = offset(text[..<sign]) else { return nil }
        return .register(name, offset: offset)
    }

    private static func offset(_ text: Substring) -> Int64? {
        text.isEmpty ? 0 : PlainNumber.number(text).flatMap { Int64(exactly: $0) }
    }
}
