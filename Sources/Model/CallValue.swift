import CWire

/// What was read of a call, as its type says. Texts and addresses still lie in the record.
package enum CallValue {
    /// Nothing was read: there was no room for it, or the call did not get as far.
    case missing
    /// Its memory could not be read: at which step of the way to it, from 1; 0: itself.
    case unreadable(step: UInt32)
    /// Of a later version.
    case unknown(type: UInt16)
    case int(Int32)
    case uint(UInt32)
    case long(Int64)
    case size(UInt64)
    case capability(Int32)
    case capabilities(UInt64)
    case inheritable(UInt64)
    case permitted(UInt64)
    case effective(UInt64)
    case bpfCommand(UInt32)
    case systemCall(UInt32, isCompat: Bool)
    case text(UnsafeRawBufferPointer, isTruncated: Bool)
    case bytes(UnsafeRawBufferPointer)
    /// The beginning of something longer; 0: its size is not known.
    case truncatedBytes(UnsafeRawBufferPointer, size: UInt32)
    case file(CallPath)
    case path(CallPath)
    case binprm(CallPath)
    case sock(CallEndpoints)
    case skb(CallEndpoints)
    case sockaddr(CallEndpoints)
    case unixAddress(UnsafeRawBufferPointer)
    case credentials(mt_credentials_value)
    case userNamespace(mt_user_namespace)
    case bpfAttributes(mt_bpf_object, name: UnsafeRawBufferPointer)
    case bpfProgram(mt_bpf_object, name: UnsafeRawBufferPointer)
    case bpfMap(mt_bpf_object, name: UnsafeRawBufferPointer)
    case perfEvent(mt_perf_event, function: UnsafeRawBufferPointer)
    case module(mt_module, name: UnsafeRawBufferPointer)

    init(_ item: CallItem) {
        let header = item.header
        guard header.marks & UInt32(MT_VALUE_UNREADABLE) == 0 else {
            self = .unreadable(step: header.detail)
            return
        }
        let isTruncated = header.marks & UInt32(MT_VALUE_TRUNCATED) != 0
        self =
            switch item.type {
            case MT_VALUE_TEXT: .text(item.payload, isTruncated: isTruncated)
            case MT_VALUE_BYTES:
                isTruncated ? .truncatedBytes(item.payload, size: header.detail) : .bytes(item.payload)
            case MT_VALUE_FILE: .file(CallPath(item))
            case MT_VALUE_PATH: .path(CallPath(item))
            case MT_VALUE_BINPRM: .binprm(CallPath(item))
            case MT_VALUE_SOCK: .sock(CallEndpoints(item))
            case MT_VALUE_SKB: .skb(CallEndpoints(item))
            case MT_VALUE_SOCKADDR: .sockaddr(CallEndpoints(item))
            case MT_VALUE_SOCKADDR_UN: .unixAddress(item.payload)
            case MT_VALUE_CREDENTIALS: .credentials(item.body())
            case MT_VALUE_USER_NAMESPACE: .userNamespace(item.body())
            case MT_VALUE_BPF_ATTR: .bpfAttributes(item.body(), name: item.name(\mt_bpf_object.name))
            case MT_VALUE_BPF_PROG: .bpfProgram(item.body(), name: item.name(\mt_bpf_object.name))
            case MT_VALUE_BPF_MAP: .bpfMap(item.body(), name: item.name(\mt_bpf_object.name))
            case MT_VALUE_PERF_EVENT: .perfEvent(item.body(), function: item.name(\mt_perf_event.function))
            case MT_VALUE_MODULE: .module(item.body(), name: item.name(\mt_module.name))
            default: CallValue(number: item)
            }
    }

    private init(number item: CallItem) {
        func number() -> UInt64 { item.body() }
        self =
            switch item.type {
            case MT_VALUE_INT: .int(Int32(truncatingIfNeeded: number()))
            case MT_VALUE_UINT: .uint(UInt32(truncatingIfNeeded: number()))
            case MT_VALUE_LONG: .long(Int64(bitPattern: number()))
            case MT_VALUE_SIZE: .size(number())
            case MT_VALUE_CAPABILITY: .capability(Int32(truncatingIfNeeded: number()))
            case MT_VALUE_CAPABILITIES: .capabilities(number())
            case MT_VALUE_INHERITABLE: .inheritable(number())
            case MT_VALUE_PERMITTED: .permitted(number())
            case MT_VALUE_EFFECTIVE: .effective(number())
            case MT_VALUE_BPF_COMMAND: .bpfCommand(UInt32(truncatingIfNeeded: number()))
            case MT_VALUE_SYSCALL: .systemCall(UInt32(truncatingIfNeeded: number()), isCompat: item.header.detail == 1)
            default: .unknown(type: item.header.type)
            }
    }

    /// The path, of a value that has one.
    package var callPath: CallPath? {
        switch self {
        case .file(let path), .path(let path), .binprm(let path): path
        default: nil
        }
    }
}

/// A file that a call is about.
package struct CallPath {
    package let file: mt_file
    /// From the root of the mount namespace; a pseudo file's bare name; empty when it could not be told.
    package let text: UnsafeRawBufferPointer

    init(_ item: CallItem) {
        file = item.body()
        text = item.text(behind: mt_file.self)
    }

    /// As users see it; absent when it could not be told.
    package var value: FieldValue {
        if file.marks & UInt32(MT_MARK_PSEUDO) != 0 {
            return .pseudoFile(text, magic: file.magic, inode: file.inode)
        }
        return text.count == 0 ? .absent : .text(text)
    }

    /// Whether parts of it are missing.
    package var isIncomplete: Bool {
        file.marks & UInt32(MT_MARK_TRUNCATED | MT_MARK_UNRESOLVED | MT_MARK_RACED) != 0
    }
}

/// Two ends of a connection, or one address.
package struct CallEndpoints {
    package let body: mt_endpoints
    private let item: CallItem

    init(_ item: CallItem) {
        body = item.body()
        self.item = item
    }

    /// 4 or 16 bytes; nil where the family has no such addresses.
    package var source: UnsafeRawBufferPointer? { address(\.saddr) }
    /// As `source`.
    package var destination: UnsafeRawBufferPointer? { address(\.daddr) }

    private func address<Member>(_ member: KeyPath<mt_endpoints, Member>) -> UnsafeRawBufferPointer? {
        switch body.family {
        case 2: item.bytes(member, count: 4)
        case 10: item.bytes(member, count: 16)
        default: nil
        }
    }
}
