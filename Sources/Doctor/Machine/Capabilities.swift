/// The capabilities that a process has in effect.
package struct Capabilities: Sendable, Equatable {
    /// Those that Martlet asks for now or will, by their number in `linux/capability.h`.
    package enum Capability: Int, Sendable, CaseIterable {
        case dacReadSearch = 2
        case kill = 5
        case sysPtrace = 19
        case sysAdmin = 21
        case sysResource = 24
        case perfmon = 38
        case bpf = 39

        /// Its name in C.
        package var name: String {
            switch self {
            case .dacReadSearch: "CAP_DAC_READ_SEARCH"
            case .kill: "CAP_KILL"
            case .sysPtrace: "CAP_SYS_PTRACE"
            case .sysAdmin: "CAP_SYS_ADMIN"
            case .sysResource: "CAP_SYS_RESOURCE"
            case .perfmon: "CAP_PERFMON"
            case .bpf: "CAP_BPF"
            }
        }
    }

    private let mask: UInt64

    /// Of the text of `/proc/PID/status`; none when it does not tell.
    package init(status: String) {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.split(whereSeparator: \.isWhitespace).last ?? ""
        mask = UInt64(digits, radix: 16) ?? 0
    }

    package func has(_ capability: Capability) -> Bool { mask >> capability.rawValue & 1 == 1 }

    /// Whether kernel programs that trace may be loaded: CAP_SYS_ADMIN stands for both others.
    package var canTrace: Bool { has(.sysAdmin) || has(.bpf) && has(.perfmon) }

    /// The names of those that are needed and not there.
    package var missing: [String] { canTrace ? [] : [.bpf, .perfmon].filter { !has($0) }.map(\.name) }

    /// The names of those that are there, of those that have a use.
    package var present: [String] { Capability.allCases.filter(has).map(\.name) }
}
