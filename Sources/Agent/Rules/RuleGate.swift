import BPF
import Collector
import Logging
import Model
import Probes
import Rules

/// Tells the kernel what no rule wants, as executions come and go. For the reader's thread.
final class RuleGate {
    private let kernel: KernelGate
    private let logger: Logger
    /// Nil: there is nothing that the kernel could keep back.
    private var judge: ProcessJudge?
    private var isFull = false
    /// The processes of which the kernel was told something.
    private var told: Set<UInt32> = []

    init(_ kernel: KernelGate, logger: Logger) {
        self.kernel = kernel
        self.logger = logger
    }

    /// Has other rules decide.
    func apply(_ judge: ProcessJudge?, _ processes: borrowing EventBuilder) {
        // What the rules before did not want may be wanted now: so nothing is kept back until all is judged anew.
        set([])
        for tgid in told { kernel.forget(tgid) }
        told = []
        self.judge = judge.flatMap { $0.kinds == [] ? nil : $0 }
        guard let judge = self.judge else { return }
        judgeAll(processes)
        set(judge.kinds)
    }

    private func set(_ kinds: KindSet) {
        do { try kernel.open(kinds) } catch { logger.warning("what no rule wants is produced all the same: \(error)") }
    }

    /// Judges what begins in a batch, and forgets what ends. Costs a look at each event while there is a judge.
    func note(_ batch: EventBatch, _ processes: borrowing EventBuilder) {
        guard judge != nil else { return }
        for event in batch.events {
            switch event.kind {
            case .fork, .exec, .snapshot:
                if let process = event.process { note(process, event.parent, batch.record(event)) }
            case .exit: forget(batch.record(event).header.tgid)
            // Containers have names now.
            case .container: judgeAll(processes)
            default: break
            }
        }
    }

    private func forget(_ tgid: UInt32) { if told.remove(tgid) != nil { kernel.forget(tgid) } }

    private func judgeAll(_ processes: borrowing EventBuilder) {
        processes.forEachProcess { process, parent in
            if let record = process.record { note(process, parent, record) }
        }
    }

    private func note(_ process: Execution, _ parent: Execution?, _ record: Record) {
        guard let judge else { return }
        let unwanted = judge.unwanted(process, parent: parent, record)
        guard unwanted != [] else { return forget(process.id.tgid) }
        told.insert(process.id.tgid)
        if !kernel.note(process, unwanted: unwanted), !isFull {
            isFull = true
            logger.notice(
                "there are more processes than the kernel can be told of: what no rule wants of the others is filtered here"
            )
        }
    }
}
