import BPF
import CWire
import Model

/// Keeps back, in the kernel, the events of processes that nobody wants.
package struct KernelGate {
    private let kinds: BPFMap<UInt32, UInt32>
    private let verdicts: BPFMap<UInt32, mt_verdict>

    /// Kinds of events whose programs ask for verdicts.
    package static let observed: KindSet = [.open, .execFailed, .shell]

    init(kinds: BPFMap<UInt32, UInt32>, verdicts: BPFMap<UInt32, mt_verdict>) {
        self.kinds = kinds
        self.verdicts = verdicts
    }

    /// Has verdicts count for these kinds, and for no others.
    package func open(_ gated: KindSet) throws(BPFError) {
        let bits = EventKind.allCases.filter { gated.contains($0) && Self.observed.contains($0) }
        try kinds.set(0, bits.reduce(0) { $0 | 1 << UInt32($1.rawValue) })
    }

    /// Notes which kinds of an execution's events nobody wants. False: there is no room, and all of them go through.
    package func note(_ execution: Execution, unwanted: KindSet) -> Bool {
        let bits = EventKind.allCases.filter(unwanted.contains).reduce(UInt32(0)) { $0 | 1 << UInt32($1.rawValue) }
        let verdict = mt_verdict(start: execution.start, unwanted: bits, execs: execution.execs, pad: 0)
        do { try verdicts.set(execution.id.tgid, verdict) } catch { return false }
        return true
    }

    /// Forgets what was noted of a process, if anything was.
    package func forget(_ tgid: UInt32) { _ = try? verdicts.remove(tgid) }
}
