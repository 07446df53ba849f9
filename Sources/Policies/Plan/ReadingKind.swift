import BPF
import CWire

/// How what a policy calls by a type is read and told.
struct ReadingKind {
    /// What must be there.
    enum Form {
        case number
        /// A pointer to text, or text.
        case text
        /// A pointer to as many bytes as it has.
        case bytes
        /// A pointer to one of these structs, or such a struct.
        case structure([String])
    }

    let read: mt_read
    let value: mt_item_type
    let form: Form
    var width = 8
    var isSigned = false

    /// That of a type; nil for what is not read.
    init?(_ type: ArgumentType) {
        func number(_ value: mt_item_type, _ width: Int, _ isSigned: Bool = false, _ read: mt_read = MT_READ_NUMBER)
            -> ReadingKind
        { ReadingKind(read: read, value: value, form: .number, width: width, isSigned: isSigned) }
        func structure(_ read: mt_read, _ value: mt_item_type, _ names: String...) -> ReadingKind {
            ReadingKind(read: read, value: value, form: .structure(names))
        }
        switch type {
        case .automatic, .nothing: return nil
        case .int8: self = number(MT_VALUE_INT, 1, true)
        case .int16: self = number(MT_VALUE_INT, 2, true)
        case .int32: self = number(MT_VALUE_INT, 4, true)
        case .int64: self = number(MT_VALUE_LONG, 8, true)
        case .uint8: self = number(MT_VALUE_UINT, 1)
        case .uint16: self = number(MT_VALUE_UINT, 2)
        case .uint32: self = number(MT_VALUE_UINT, 4)
        case .uint64, .size: self = number(MT_VALUE_SIZE, 8)
        case .capability: self = number(MT_VALUE_CAPABILITY, 4, true)
        case .bpfCommand: self = number(MT_VALUE_BPF_COMMAND, 4, true)
        case .systemCall: self = number(MT_VALUE_SYSCALL, 8, true, MT_READ_SYSCALL)
        case .descriptor: self = number(MT_VALUE_FILE, 4, true, MT_READ_FD)
        case .string: self.init(read: MT_READ_STRING, value: MT_VALUE_TEXT, form: .text)
        case .dataLocation: self.init(read: MT_READ_DATA_LOC, value: MT_VALUE_TEXT, form: .text)
        case .charBuffer: self.init(read: MT_READ_BUFFER, value: MT_VALUE_BYTES, form: .bytes)
        case .constantBuffer: self.init(read: MT_READ_FIXED, value: MT_VALUE_BYTES, form: .bytes)
        case .charVector: self = structure(MT_READ_IOVEC, MT_VALUE_BYTES, "iovec")
        case .ioVector: self = structure(MT_READ_IOV_ITER, MT_VALUE_BYTES, "iov_iter")
        case .filename: self = structure(MT_READ_FILENAME, MT_VALUE_TEXT, "filename")
        case .netDevice: self = structure(MT_READ_NET_DEVICE, MT_VALUE_TEXT, "net_device")
        case .file: self = structure(MT_READ_FILE, MT_VALUE_FILE, "file")
        case .path: self = structure(MT_READ_PATH, MT_VALUE_PATH, "path")
        case .dentry: self = structure(MT_READ_DENTRY, MT_VALUE_PATH, "dentry")
        case .kiocb: self = structure(MT_READ_KIOCB, MT_VALUE_FILE, "kiocb")
        case .binprm: self = structure(MT_READ_BINPRM, MT_VALUE_BINPRM, "linux_binprm")
        case .sock: self = structure(MT_READ_SOCK, MT_VALUE_SOCK, "sock")
        case .socket: self = structure(MT_READ_SOCKET, MT_VALUE_SOCK, "socket")
        case .skb: self = structure(MT_READ_SKB, MT_VALUE_SKB, "sk_buff")
        case .socketAddress:
            self = structure(
                MT_READ_SOCKADDR,
                MT_VALUE_SOCKADDR,
                "sockaddr",
                "sockaddr_in",
                "sockaddr_in6",
                "sockaddr_storage",
                "sockaddr_unsized"
            )
        case .unixAddress:
            self = structure(
                MT_READ_SOCKADDR_UN,
                MT_VALUE_SOCKADDR_UN,
                "sockaddr_un",
                "sockaddr",
                "sockaddr_unsized"
            )
        case .credentials: self = structure(MT_READ_CREDENTIALS, MT_VALUE_CREDENTIALS, "cred")
        case .userNamespace: self = structure(MT_READ_USER_NAMESPACE, MT_VALUE_USER_NAMESPACE, "user_namespace")
        case .capabilities:
            self = structure(
                MT_READ_CAPABILITY_SET,
                MT_VALUE_CAPABILITIES,
                "kernel_cap_t",
                "kernel_cap_struct"
            )
        case .inheritableCapabilities: self = structure(MT_READ_CRED_INHERITABLE, MT_VALUE_INHERITABLE, "cred")
        case .permittedCapabilities: self = structure(MT_READ_CRED_PERMITTED, MT_VALUE_PERMITTED, "cred")
        case .effectiveCapabilities: self = structure(MT_READ_CRED_EFFECTIVE, MT_VALUE_EFFECTIVE, "cred")
        case .bpfAttributes: self = structure(MT_READ_BPF_ATTR, MT_VALUE_BPF_ATTR, "bpf_attr")
        case .bpfProgram: self = structure(MT_READ_BPF_PROG, MT_VALUE_BPF_PROG, "bpf_prog")
        case .bpfMap: self = structure(MT_READ_BPF_MAP, MT_VALUE_BPF_MAP, "bpf_map")
        case .perfEvent: self = structure(MT_READ_PERF_EVENT, MT_VALUE_PERF_EVENT, "perf_event")
        case .loadInformation: self = structure(MT_READ_LOAD_INFO, MT_VALUE_MODULE, "load_info")
        case .module: self = structure(MT_READ_MODULE, MT_VALUE_MODULE, "module")
        }
    }

    private init(read: mt_read, value: mt_item_type, form: Form, width: Int = 8, isSigned: Bool = false) {
        self.read = read
        self.value = value
        self.form = form
        self.width = width
        self.isSigned = isSigned
    }

    var isNumber: Bool {
        if case .number = form { return true }
        return false
    }

    /// Whether it can be this: a value as it is, or what lies at the end of a way.
    func fits(_ type: KernelType, pointingTo target: KernelType?) -> Bool {
        switch form {
        case .number: type.isSignedNumber != nil || (type.isPointer && width == 8)
        case .text: target.map { $0.isCharacter || $0.shape == .void } ?? false
        case .bytes: target != nil
        case .structure(let names):
            [target ?? type].contains { type in
                type.shape == .void || names.contains { type.name.split(separator: " ").last == $0[...] }
                    || type.alias.map(names.contains) ?? false
            }
        }
    }
}

extension ArgumentType {
    /// The plain number of so many bytes; nil where there is none.
    static func number(bytes: Int, isSigned: Bool) -> ArgumentType? {
        switch bytes {
        case 1: isSigned ? .int8 : .uint8
        case 2: isSigned ? .int16 : .uint16
        case 4: isSigned ? .int32 : .uint32
        case 8: isSigned ? .int64 : .uint64
        default: nil
        }
    }

    /// What a value of a kernel's type is when the policy leaves it to the kernel; nil where that says too little.
    static func automatic(_ type: KernelType, pointingTo target: KernelType?) -> ArgumentType? {
        if type.alias == "size_t" { return .size }
        if let isSigned = type.isSignedNumber { return number(bytes: type.bytes, isSigned: isSigned) }
        let meant = target ?? type
        if meant.isCharacter { return .string }
        if meant.alias == "kernel_cap_t" { return .capabilities }
        guard let name = meant.name.split(separator: " ").last.map(String.init) else { return nil }
        return structures[name]
    }

    private static let structures: [String: ArgumentType] = [
        "filename": .filename, "net_device": .netDevice, "iov_iter": .ioVector, "file": .file, "path": .path,
        "dentry": .dentry, "kiocb": .kiocb, "linux_binprm": .binprm, "sock": .sock, "socket": .socket, "sk_buff": .skb,
        "sockaddr": .socketAddress, "sockaddr_unsized": .socketAddress, "sockaddr_un": .unixAddress,
        "cred": .credentials, "user_namespace": .userNamespace, "bpf_attr": .bpfAttributes, "bpf_prog": .bpfProgram,
        "bpf_map": .bpfMap, "perf_event": .perfEvent, "load_info": .loadInformation, "module": .module,
    ]
}
