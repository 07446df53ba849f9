import Model
import UserInput

/// What a policy watches, for whom, and what it does then.
package struct PolicySpec: Sendable {
    /// Where it begins.
    package let place: InputPlace
    /// Functions of the kernel, by kprobes.
    package let kprobes: [FunctionHook]
    /// Functions of the kernel, by fentry.
    package let fentries: [FunctionHook]
    /// The kernel's own tracepoints.
    package let tracepoints: [TracepointHook]
    /// Functions of programs.
    package let uprobes: [UserFunctionHook]
    /// Probes that programs were built with.
    package let usdts: [UserProbeHook]
    /// Hooks of the Linux security modules.
    package let lsmHooks: [LSMHook]
    /// Whether files that are mapped to be executed are told.
    package let loader: Bool
    /// Which pods it is for.
    package let podSelector: LabelSelector?
    /// Which containers it is for.
    package let containerSelector: LabelSelector?
    /// Whether processes outside of pods are meant where there is a selector of pods or containers.
    package let includesHost: Bool
    /// Names that stand for several functions.
    package let lists: [FunctionList]
    /// Functions that a notified enforcer makes fail.
    package let enforcers: [Enforcer]
    /// How it is loaded.
    package let options: PolicyOptions
    /// Parts of selectors, by name.
    package let macros: [String: PolicySelector]

    /// Every hook, in the order of the sections.
    package var hooks: [any PolicyHook] {
        kprobes + fentries + tracepoints + lsmHooks + uprobes + usdts + (loader ? [LoaderHook(place)] : [])
    }
}

/// How a policy is loaded.
package struct PolicyOptions: Sendable, Equatable {
    /// How a function is made to fail.
    package enum OverrideMethod: String, Sendable, CaseIterable {
        case fmodRet = "fmod-ret"
        case overrideReturn = "override-return"
    }

    /// Whether actions are taken.
    package enum Mode: String, Sendable, CaseIterable {
        case enforce, monitor
    }

    /// One attachment for each function, not one for all.
    package var disablesMultipleKprobes = false
    /// One attachment for each place in a program, not one for all.
    package var disablesMultipleUprobes = false
    /// How functions are made to fail; nil: as this kernel can.
    package var overrideMethod: OverrideMethod?
    /// Whether actions are taken or only told.
    package var mode: Mode?
    /// How many bytes of strings a program may read ahead of its filters.
    package var preloadSize: Int?

    /// As it is without any.
    package init() {}
}
