import CWire
import Filters
import Model
import Probes
import Rules

/// Rules made ready to hold, away from the reader's thread.
final class CompiledRules: @unchecked Sendable {
    /// Which of two is the newer one.
    let version: UInt64
    let kinds: KindSet
    /// Only the reader's thread uses it, from when it gets it.
    let matcher: RuleMatcher
    /// Likewise.
    let judge: ProcessJudge
    /// What the kernel keeps back of what they do not ask for.
    let image: GateImage

    init(_ rules: RuleSet, version: UInt64 = 0) {
        self.version = version
        kinds = rules.kinds
        matcher = RuleMatcher(rules)
        judge = ProcessJudge(rules, among: KernelGate.observed)
        image = GateImage(KernelKeys(rules))
    }
}

extension GateImage {
    /// Keeps back what has none of these keys.
    init(_ keys: KernelKeys) {
        let processes = keys.processes.filter { KernelGate.observed.contains($0.key) }
        var tables = GateTables()
        for all in [keys.paths, keys.networks, processes] {
            for (kind, keys) in all { for key in keys { tables.add(key, kind) } }
        }
        self = tables.image
        byPath = KindSet(keys.paths.keys)
        pathless = byPath
        byNetwork = KindSet(keys.networks.keys)
        byStart = KindSet(processes.keys)
    }
}

extension GateTables {
    fileprivate mutating func add(_ key: KernelKeys.Key, _ kind: EventKind) {
        switch key {
        case .path(let beginning): add(path: beginning, kind)
        case .ports(.source, let ports): add(MT_GATE_SPORT, ports: ports, kind)
        case .ports(.destination, let ports): add(MT_GATE_DPORT, ports: ports, kind)
        case .network(.source, let network): add(v4: MT_GATE_SADDR4, v6: MT_GATE_SADDR6, network, kind)
        case .network(.destination, let network): add(v4: MT_GATE_DADDR4, v6: MT_GATE_DADDR6, network, kind)
        case .comm(let name): add(MT_GATE_COMM, name, kind)
        case .binary(let path): add(MT_GATE_BINARY, path, kind)
        case .uid(let uid): add(MT_GATE_UID, withUnsafeBytes(of: uid) { Array($0) }, kind)
        case .pid(let pid): add(MT_GATE_PID, withUnsafeBytes(of: pid) { Array($0) }, kind)
        }
    }
}
