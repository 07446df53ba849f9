import BPF

/// What each process had when it was executed, kept in the kernel as long as this lives.
final class Baselines {
    private let loaded: BPFLoaded<BaselineSkeleton>
    private let links: [LinkBox]

    /// Attaches to executions, and takes what processes that run already have now.
    init() throws(BPFError) {
        loaded = try BPFObject(BaselineSkeleton.self).load()
        links = [
            LinkBox(try loaded.program(.baseline_exec).attach()), LinkBox(try loaded.program(.baseline_fork).attach()),
            LinkBox(try loaded.program(.baseline_exit).attach()),
        ]
        try loaded.program(.baseline_snapshot).attach().iterate().readRecords { _ in }
    }

    var map: BPFMapReference { get throws(BPFError) { try loaded.map(.baselines) } }
}
