import Probes

/// The capabilities that a process has in effect.
package struct Capabilities: Sendable, Equatable {
    /// A bit for each.
    package let set: CapabilitySet

    /// Of the text of `/proc/PID/status`; none when it does not tell.
    package init(status: String) {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.split(whereSeparator: \.isWhitespace).last ?? ""
        set = CapabilitySet(bits: UInt64(digits, radix: 16) ?? 0)
    }

    package func has(_ capability: Capability) -> Bool { set.contains(capability) }

    /// Whether kernel programs that trace may be loaded: CAP_SYS_ADMIN stands for both others.
    package var canTrace: Bool { has(.sysAdmin) || has(.bpf) && has(.perfmon) }

    /// The names of those that are needed and not there.
    package var missing: [String] { canTrace ? [] : [Capability.bpf, .perfmon].filter { !has($0) }.map(\.name) }

    /// The names of those that are there, of those that have a use.
    package var present: [String] { Capability.allCases.filter(has).map(\.name) }
}
