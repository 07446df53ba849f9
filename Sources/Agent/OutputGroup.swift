import API
import Collector
import Glibc
import Logging
import Model
import Outputs

/// The outputs of a run, each with a queue, a thread and an account of its own.
struct OutputGroup {
    /// In the order in which they were named: the first is the one that the books are about.
    let outputs: [(target: OutputTarget, output: any Output)]

    /// Opens all of them, or none.
    ///
    /// - Parameters:
    ///   - waits: whether events wait for a slow output instead of being lost.
    ///   - launchers: start the programs that write to databases, one for each.
    init(
        _ options: RunOptions,
        origin: StreamOrigin,
        waits: Bool,
        launchers: [any ProgramLaunching],
        _ logger: Logger
    ) throws(SinkFailure) {
        let maker = OutputMaker(options: options, origin: origin, waits: waits, logger: logger)
        var launchers = launchers[...]
        var makers: [() -> any Output] = []
        for target in options.outputs {
            let launcher = target.isDatabase ? launchers.popFirst() : nil
            makers.append(try maker.open(target, launcher: launcher))
        }
        maker.tellOrphans()
        // Threads begin when all are open.
        outputs = zip(options.outputs, makers).map { ($0, $1()) }
    }

    /// Set when an output failed as often as it may.
    var exhaustion: SinkFailure? { outputs.lazy.compactMap { $0.output.exhaustion }.first }

    /// True when no output has a reader left.
    var isReaderGone: Bool { outputs.allSatisfy { $0.output.isReaderGone } }

    func offer(_ batch: EventBatch) {
        for (_, output) in outputs { output.offer(batch) }
    }

    /// Has those that write to files open them again. False when there are none.
    func reopen() -> Bool {
        let files = outputs.filter { $0.target.isFile || $0.target.isStore }
        for (_, output) in files { output.reopen() }
        return !files.isEmpty
    }

    /// Writes what waits, all outputs at once; for at most `seconds`, or as long as it takes.
    func close(within seconds: Double?) {
        if let seconds { for (_, output) in outputs { output.beginClosing(within: seconds) } }
        let begun = BootClock.now()
        for (_, output) in outputs {
            // The deadline is one for all; a moment is left to find that it is over.
            output.close(within: seconds.map { max(0.5, $0 - Double(BootClock.now() - begun) / 1e9) })
        }
    }

    /// Adds what the outputs lost together, as far as all are to be told of it: what a spool loses it tells its own sink. Whoever
    /// went away by itself misses nothing.
    func addLosses(to totals: inout LossTotals) {
        for (_, output) in outputs where !output.isReaderGone {
            let counts = output.counts
            var told = OutputCounts()
            told.queueFull = counts.queueFull
            told.failed = counts.failed
            totals += told
        }
    }

    /// Each output as it is now, in their order.
    var status: [AgentStatus.Output] {
        outputs.map { target, output in AgentStatus.Output(name: target.name, status: output.status) }
    }

    /// Puts what became of the events into the books.
    func account(in ledger: inout Ledger) {
        ledger.isExhausted = exhaustion != nil
        for (index, output) in outputs.enumerated() {
            let status = output.output.status
            let counts = status.counts
            ledger.earlier.append(Ledger.Output(name: output.target.name, counts: status.earlier))
            if index == 0 {
                ledger.written = counts.delivered
                ledger.waiting = counts.waiting
                ledger.lost += counts
                ledger.readerLeft = output.output.isReaderGone
            } else {
                let readerLeft = output.output.isReaderGone
                ledger.further.append(Ledger.Output(name: output.target.name, counts: counts, readerLeft: readerLeft))
            }
        }
    }
}
