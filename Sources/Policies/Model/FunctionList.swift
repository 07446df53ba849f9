import UserInput

/// A name that stands for several functions.
package struct FunctionList: Sendable {
    /// How its functions are found.
    package enum Kind: String, Sendable, CaseIterable {
        /// Functions by their names.
        case functions = ""
        /// System calls by their names.
        case systemCalls = "syscalls"
        /// All system calls.
        case allSystemCalls = "generated_syscalls"
        /// All functions that can be traced and fit a pattern.
        case traceable = "generated_ftrace"
    }

    /// Where it begins.
    package let place: InputPlace
    /// What hooks call it.
    package let name: Placed<String>
    /// How its functions are found.
    package let kind: Kind
    /// Their names; empty when they are found.
    package let values: [Placed<String>]
    /// What the names of functions that are found must fit.
    package let pattern: Placed<String>?
}

/// Functions that fail, or kill, where another hook has notified.
package struct Enforcer: Sendable {
    /// Where it begins.
    package let place: InputPlace
    /// The functions.
    package let calls: [Placed<Callee>]
}
