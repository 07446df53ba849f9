import BPF

/// What came of trying a hook on the running kernel.
package enum Trial: Sendable {
    /// Loaded, attached, and ran so many times.
    case works(runs: UInt64)
    /// Loaded and attached, and did not run when it was due.
    case silent
    /// Loaded; what it would be attached to is not on this machine.
    case idle
    /// Not loaded or not attached.
    case refused(BPFError)
}
