import API
import Collector
import Glibc
import Logging
import Model
import Outputs

/// The outputs of a run, each with a queue, a thread and an account of its own.
struct OutputGroup {
    /// In the order in which they were named: the first is the one that the books are about.
    let runners: [(target: OutputTarget, runner: SinkRunner)]

    /// Opens all of them, or none.
    ///
    /// - Parameter waits: whether events wait for a slow output instead of being lost.
    init(_ options: RunOptions, node: String, waits: Bool, _ logger: Logger) throws(SinkFailure) {
        var sinks: [any Sink] = []
        for target in options.outputs { sinks.append(try Self.makeSink(target, options, node)) }
        runners = zip(options.outputs, sinks).map { target, sink in
            (target, SinkRunner(sink, name: target.name, waits: waits, logger: logger))
        }
    }

    private static func makeSink(
        _ target: OutputTarget,
        _ options: RunOptions,
        _ node: String
    ) throws(SinkFailure) -> any Sink {
        switch target {
        case .standardOutput:
            let writer = options.format.makeWriter(node: node, colored: options.colored)
            return StreamSink(descriptor: STDOUT_FILENO, writer: writer)
        case .file(let path):
            let writer = options.format.makeWriter(node: node, colored: false)
            return try FileSink(path: path, rotation: options.rotation, writer: writer)
        case .none: return NullSink()
        case .store(let path): return try SQLiteSink(path: path, node: node, limits: options.storeLimits)
        }
    }

    /// True when no output has a reader left.
    var isReaderGone: Bool { runners.allSatisfy { $0.runner.isReaderGone } }

    func offer(_ batch: EventBatch) {
        for (_, runner) in runners { runner.offer(batch) }
    }

    /// Has those that write to files open them again. False when there are none.
    func reopen() -> Bool {
        let files = runners.filter { $0.target.isFile || $0.target.isStore }
        for (_, runner) in files { runner.reopen() }
        return !files.isEmpty
    }

    /// Writes what waits, all outputs at once; for at most `seconds`, or as long as it takes.
    func close(within seconds: Double?) {
        if let seconds { for (_, runner) in runners { runner.beginClosing(within: seconds) } }
        let begun = BootClock.now()
        for (_, runner) in runners {
            // The deadline is one for all; a moment is left to find that it is over.
            runner.close(within: seconds.map { max(0.5, $0 - Double(BootClock.now() - begun) / 1e9) })
        }
    }

    /// Adds what the outputs lost together. Whoever went away by itself misses nothing.
    func addLosses(to totals: inout LossTotals) {
        for (_, runner) in runners where !runner.isReaderGone { totals += runner.counts }
    }

    /// Each output as it is now, in their order.
    var status: [AgentStatus.Output] {
        runners.map { target, runner in AgentStatus.Output(name: target.name, status: runner.status) }
    }

    /// Puts what became of the events into the books.
    func account(in ledger: inout Ledger) {
        for (index, output) in runners.enumerated() {
            let counts = output.runner.counts
            if index == 0 {
                ledger.written = counts.delivered
                ledger.lost += counts
                ledger.readerLeft = output.runner.isReaderGone
            } else {
                let readerLeft = output.runner.isReaderGone
                ledger.further.append(Ledger.Output(name: output.target.name, counts: counts, readerLeft: readerLeft))
            }
        }
    }
}
