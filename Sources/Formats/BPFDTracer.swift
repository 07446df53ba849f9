import Model

/// One of bpfd's tracers, with all that its events tell by keys.
///
/// This is the one place that knows which of our events is which of bpfd's: a kind that becomes a tracer of bpfd's gets a case
/// here, with its name, kinds and keys, and a key that is new a case in `BPFDKey`.
package enum BPFDTracer: CaseIterable, Sendable {
    case exec, open, bashreadline, tcpdrop, dockeropenbreakout

    /// As rules name it.
    package var name: StaticString {
        switch self {
        case .exec: "exec"
        case .open: "open"
        case .bashreadline: "bashreadline"
        case .tcpdrop: "tcpdrop"
        case .dockeropenbreakout: "dockeropenbreakout"
        }
    }

    /// By its name.
    package init?(name: String) {
        guard let tracer = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
        self = tracer
    }

    /// The one that sees events of a kind; nil: bpfd knows none of them.
    package init?(_ kind: EventKind) {
        switch kind {
        case .exec, .execFailed: self = .exec
        case .open: self = .open
        case .shell: self = .bashreadline
        case .tcpDrop: self = .tcpdrop
        case .breakout: self = .dockeropenbreakout
        default: return nil
        }
    }

    /// What it sees.
    package var kinds: KindSet {
        switch self {
        case .exec: [.exec, .execFailed]
        case .open: [.open]
        case .bashreadline: [.shell]
        case .tcpdrop: [.tcpDrop]
        case .dockeropenbreakout: [.breakout]
        }
    }

    /// What any of them sees.
    package static let allKinds = KindSet(EventKind.allCases.filter { BPFDTracer($0) != nil })

    /// The keys of its events' data, in the order in which they are told: its own, then those that all of them have.
    package var keys: [BPFDKey] {
        switch self {
        case .exec: Self.execKeys
        case .open, .dockeropenbreakout: Self.openKeys
        case .tcpdrop: Self.dropKeys
        case .bashreadline: BPFDKey.common
        }
    }

    private static let execKeys: [BPFDKey] = [.argv, .type] + BPFDKey.common
    private static let dropKeys: [BPFDKey] =
        [.saddr, .daddr, .sport, .dport, .state, .tcpflags, .seq, .len] + BPFDKey.common
    private static let openKeys: [BPFDKey] = [.filename] + BPFDKey.common
}
