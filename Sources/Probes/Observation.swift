import Model

/// Something that kernel programs watch; each can be missing without the others.
package enum Observation: String, CaseIterable, Sendable {
    case fork, exec, exit
    case execFailed = "exec-failed"
    case open
    case tcp
    /// Only when asked for: what is typed may hold secrets.
    case shell
    /// Only when asked for: scans of ports make many.
    case tcpDrop = "tcp-drop"
    case breakout

    /// Without these there is no process table, and so no agent.
    package static let minimum: Set<Observation> = [.fork, .exec, .exit]

    /// What must be watched for events of these kinds, beside the minimum.
    package static func needed(for kinds: KindSet) -> Set<Observation> {
        var needed = Set(allCases.filter { kinds.contains($0.kind) })
        // Heartbeats are opens that only the agent's own hook understands.
        if kinds.contains(.heartbeat) { needed.insert(.open) }
        // Whose a packet is, is known by whose its socket is.
        if kinds.contains(.tcpDrop) { needed.insert(.tcp) }
        return needed
    }

    /// The kind of its events.
    package var kind: EventKind {
        switch self {
        case .fork: .fork
        case .exec: .exec
        case .exit: .exit
        case .execFailed: .execFailed
        case .open: .open
        case .tcp: .tcp
        case .shell: .shell
        case .tcpDrop: .tcpDrop
        case .breakout: .breakout
        }
    }
}
