import BPF
import Collector
import Engine
import Logging
import Model
import Probes
import Rules

/// Tells the kernel what nobody wants, no rule and no output, as rules and executions come and go. For the reader's thread.
final class RuleGate {
    private var kernel: KernelGate
    /// The agent's own, which it must hear of.
    private let ownTgid: UInt32
    private let logger: Logger
    private var judge: ProcessJudge?
    private var image = GateImage()
    /// The outputs', where nothing else takes events; nil: others may want what it leaves out.
    private let filter: EventFilter?

    init(_ kernel: consuming KernelGate, ownTgid: UInt32, filter: EventFilter?, logger: Logger) {
        self.kernel = kernel
        self.ownTgid = ownTgid
        self.filter = filter
        self.logger = logger
    }

    /// Has rules decide, and the filter.
    func apply(_ rules: CompiledRules, _ processes: borrowing EventBuilder) {
        // What the rules before did not want may be wanted now: so nothing is kept back until all is judged anew.
        guard attempt({ () throws(BPFError) in try kernel.open() }) else { return }
        judge = rules.judge
        image = rules.image
        if let filter { image.narrow(by: filter) }
        if !kernel.prepare(image) {
            logger.notice(
                "rules ask for more than the kernel's tables hold: the rest of what nobody wants is filtered here"
            )
        }
        guard decides else { return }
        if kinds != [] { judgeAll(processes) }
        attempt { () throws(BPFError) in try kernel.close(kinds) }
    }

    /// Of which kinds executions have verdicts.
    private var kinds: KindSet {
        if filter?.choosesProcesses == true { return KernelGate.observed }
        return judge?.kinds ?? []
    }

    /// Whether there is anything to keep back.
    private var decides: Bool { kinds != [] || image.byPath != [] || image.byNetwork != [] }

    @discardableResult
    private func attempt(_ change: () throws(BPFError) -> Void) -> Bool {
        do {
            try change()
            return true
        } catch {
            logger.warning("what nobody wants is produced all the same: \(error)")
            return false
        }
    }

    /// Judges what begins in a batch. Costs a look at each event while there is something to tell.
    func note(_ batch: EventBatch, _ processes: borrowing EventBuilder) {
        guard kinds != [] else { return }
        var hasNames = false
        for event in batch.events {
            switch event.kind {
            case .fork, .exec, .snapshot:
                if let process = event.process { note(process, event.parent, batch.record(event)) }
            case .container: hasNames = true
            default: break
            }
        }
        // Of what runs in containers that have names now.
        if hasNames { judgeAll(processes) }
    }

    private func judgeAll(_ processes: borrowing EventBuilder) {
        processes.forEachProcess { process, parent in
            if let record = process.record { note(process, parent, record) }
        }
    }

    private func note(_ process: Execution, _ parent: Execution?, _ record: Record) {
        guard process.id.tgid != ownTgid else { return }
        var verdict = judge?.verdict(process, parent: parent, record) ?? ProcessJudge.Verdict()
        if let filter, filter.choosesProcesses, !filter.passes(process) {
            verdict.unwanted = KernelGate.observed
            // Where the binary is not known, a fork's child goes by a name of its own.
            let isKnown = process.string(\.binary.text) != nil
            if isKnown, !filter.passes(program: process) { verdict.inherited = KernelGate.observed }
        }
        kernel.note(process, unwanted: verdict.unwanted, inherited: verdict.inherited)
    }
}
