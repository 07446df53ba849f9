/// A capability of Linux that Martlet asks for somewhere, by its number in `linux/capability.h`.
package enum Capability: Int, Sendable, CaseIterable {
    case dacOverride = 1
    case dacReadSearch = 2
    case kill = 5
    case setgid = 6
    case setuid = 7
    case setpcap = 8
    case sysPtrace = 19
    case sysAdmin = 21
    case sysResource = 24
    case perfmon = 38
    case bpf = 39

    /// Its name in C.
    package var name: String {
        switch self {
        case .dacOverride: "CAP_DAC_OVERRIDE"
        case .dacReadSearch: "CAP_DAC_READ_SEARCH"
        case .kill: "CAP_KILL"
        case .setgid: "CAP_SETGID"
        case .setuid: "CAP_SETUID"
        case .setpcap: "CAP_SETPCAP"
        case .sysPtrace: "CAP_SYS_PTRACE"
        case .sysAdmin: "CAP_SYS_ADMIN"
        case .sysResource: "CAP_SYS_RESOURCE"
        case .perfmon: "CAP_PERFMON"
        case .bpf: "CAP_BPF"
        }
    }
}

/// Capabilities, a bit for each, as the kernel keeps them.
package struct CapabilitySet: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
    package var bits: UInt64

    package init(bits: UInt64) { self.bits = bits }

    package init(arrayLiteral elements: Capability...) { bits = elements.reduce(0) { $0 | 1 << UInt64($1.rawValue) } }

    package var isEmpty: Bool { bits == 0 }

    package func contains(_ capability: Capability) -> Bool { bits >> UInt64(capability.rawValue) & 1 == 1 }

    package func isSuperset(of other: CapabilitySet) -> Bool { other.bits & ~bits == 0 }

    package func subtracting(_ other: CapabilitySet) -> CapabilitySet { CapabilitySet(bits: bits & ~other.bits) }

    package mutating func formUnion(_ other: CapabilitySet) { bits |= other.bits }

    /// Their names; of those that Martlet has no use for, the numbers.
    package var names: [String] {
        (0..<64).filter { bits >> UInt64($0) & 1 == 1 }.map { Capability(rawValue: $0)?.name ?? "capability \($0)" }
    }

    package var description: String { isEmpty ? "none" : names.joined(separator: ", ") }
}
