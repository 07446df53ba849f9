/// What the selectors of one hook refer to.
struct HookContext {
    let spec: SpecContext
    let section: HookSection
    let path: String
    /// The hook's own name for itself, where its section does not say all: an LSM hook's.
    let target: String
    /// Nil for those that could not be read; their positions count.
    let arguments: [PolicyArgument?]
    let data: [PolicyArgument?]
    let returnValue: PolicyArgument?
    /// Whether the return is watched.
    let returns: Bool

    var reading: PolicyReading { spec.reading }

    /// What the section calls one of its hooks.
    var noun: String {
        switch section {
        case .kprobes: "a kprobe"
        case .fentries: "an fentry"
        case .tracepoints: "a tracepoint"
        case .uprobes: "a uprobe"
        case .usdts: "a USDT probe"
        case .lsmhooks: "an LSM hook"
        case .loader: "the loader"
        }
    }
}
