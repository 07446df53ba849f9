import Model

/// Something that kernel programs watch; each can be missing without the others.
package enum Observation: String, CaseIterable, Sendable {
    case fork, exec, exit
    case execFailed = "exec-failed"
    case open
    case tcp
    /// Only when asked for: what is typed may hold secrets.
    case shell

    /// Without these there is no process table, and so no agent.
    package static let minimum: Set<Observation> = [.fork, .exec, .exit]

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
        }
    }
}
