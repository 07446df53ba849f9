/// What an argument is, which says how it is read.
package enum ArgumentType: String, Sendable, CaseIterable {
    case automatic = "auto"
    case nothing = "nop"
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case size = "size_t"
    case string
    case filename
    case netDevice = "net_device"
    case charBuffer = "char_buf"
    case charVector = "char_iovec"
    case ioVector = "iov_iter"
    case constantBuffer = "const_buf"
    case dataLocation = "data_loc"
    case descriptor = "fd"
    case file
    case path
    case dentry
    case kiocb
    case binprm = "linux_binprm"
    case sock
    case socket
    case skb
    case socketAddress = "sockaddr"
    case unixAddress = "sockaddr_un"
    case credentials = "cred"
    case userNamespace = "user_namespace"
    case capability
    case capabilities = "kernel_cap_t"
    case inheritableCapabilities = "cap_inheritable"
    case permittedCapabilities = "cap_permitted"
    case effectiveCapabilities = "cap_effective"
    case bpfAttributes = "bpf_attr"
    case bpfProgram = "bpf_prog"
    case bpfMap = "bpf_map"
    case bpfCommand = "bpf_cmd"
    case perfEvent = "perf_event"
    case loadInformation = "load_info"
    case module
    case systemCall = "syscall64"

    /// Further names that policies may have for some of them.
    package static let aliases: [String: ArgumentType] = [
        "int": .int32, "sint8": .int8, "sint16": .int16, "sint32": .int32, "sint64": .int64, "long": .int64,
        "ulong": .uint64,
    ]

    /// Every name that a policy may have.
    package static let names = (allCases.map(\.rawValue) + aliases.keys).sorted()

    /// The type that a policy names.
    package init?(name: String) {
        guard let type = Self(rawValue: name) ?? Self.aliases[name] else { return nil }
        self = type
    }

    /// The numbers that it can be; nil for what is no number.
    package var numbers: ClosedRange<Int128>? {
        switch self {
        case .int8: Int128(Int8.min)...Int128(Int8.max)
        case .int16: Int128(Int16.min)...Int128(Int16.max)
        case .int32, .bpfCommand: Int128(Int32.min)...Int128(Int32.max)
        case .int64: Int128(Int64.min)...Int128(Int64.max)
        case .uint8: 0...Int128(UInt8.max)
        case .uint16: 0...Int128(UInt16.max)
        case .uint32: 0...Int128(UInt32.max)
        // All 64 bits of a size count: half of them would let large ones pass.
        case .uint64, .size, .systemCall: 0...Int128(UInt64.max)
        case .capability: 0...63
        default: nil
        }
    }

    /// Whether it is a set of capabilities.
    package var isCapabilitySet: Bool {
        switch self {
        case .capabilities, .inheritableCapabilities, .permittedCapabilities, .effectiveCapabilities: true
        default: false
        }
    }

    /// Whether it is told as one text, which filters can compare.
    package var isText: Bool {
        switch self {
        case .string, .filename, .netDevice, .charBuffer, .dataLocation, .descriptor, .file, .path, .dentry, .kiocb,
            .binprm, .unixAddress:
            true
        default: false
        }
    }

    /// Whether it has the two ends of a connection.
    package var hasTuple: Bool { self == .sock || self == .socket || self == .skb }

    /// Whether it is bytes whose number another argument tells.
    package var isBuffer: Bool { self == .charBuffer || self == .charVector || self == .ioVector }

    /// Whether only tracepoints have it.
    package var isOfTracepoints: Bool { self == .systemCall || self == .constantBuffer || self == .dataLocation }
}
