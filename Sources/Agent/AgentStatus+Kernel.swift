import API
import Probes

extension AgentStatus.Ring {
    init(_ use: RingUse) { self.init(name: use.name, bytes: use.bytes, used: use.used) }
}

extension AgentStatus.Program {
    init(_ cost: ProgramCost) { self.init(name: cost.name, runs: cost.runs, nanoseconds: cost.nanoseconds) }
}
