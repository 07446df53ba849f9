import CWire

/// The items of one part of a call's record, in their order.
///
/// They are checked whole when the record is taken in, so that nobody who reads them needs to check anything. All
/// unchecked access to items is in this file.
package struct CallItems: Sequence, IteratorProtocol {
    private var rest: UnsafeRawBufferPointer

    /// Items that were checked; nil: none.
    init(checked bytes: UnsafeRawBufferPointer?) { rest = bytes ?? UnsafeRawBufferPointer(start: nil, count: 0) }

    package mutating func next() -> CallItem? {
        guard rest.count >= CallItem.headerSize, let base = rest.baseAddress else { return nil }
        let item = CallItem(base: base)
        rest = UnsafeRawBufferPointer(rebasing: rest[Swift.min(item.size, rest.count)...])
        return item
    }

    /// Whether bytes are whole items, each long enough for its type, and no more values than there are slots for.
    static func areSound(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        var values: Int32 = 0
        while offset < bytes.count {
            guard bytes.count - offset >= CallItem.headerSize else { return false }
            let header = bytes.loadUnaligned(fromByteOffset: offset, as: mt_item.self)
            guard Int(header.length) <= bytes.count - offset - CallItem.headerSize else { return false }
            if header.marks & UInt32(MT_VALUE_UNREADABLE) == 0 || header.type < CallItem.firstValue {
                guard Int(header.length) >= leastLength(header.type) else { return false }
            }
            if header.type >= CallItem.firstValue {
                values += 1
                guard values <= MT_SLOTS_MAX else { return false }
            }
            offset += CallItem.size(length: header.length)
        }
        return true
    }

    /// The fixed part of a payload.
    private static func leastLength(_ type: UInt16) -> Int {
        switch mt_item_type(UInt32(type)) {
        case MT_ITEM_OFFSET, MT_VALUE_INT, MT_VALUE_UINT, MT_VALUE_LONG, MT_VALUE_SIZE, MT_VALUE_CAPABILITY,
            MT_VALUE_CAPABILITIES, MT_VALUE_INHERITABLE, MT_VALUE_PERMITTED, MT_VALUE_EFFECTIVE, MT_VALUE_BPF_COMMAND,
            MT_VALUE_SYSCALL:
            MemoryLayout<UInt64>.size
        case MT_VALUE_FILE, MT_VALUE_PATH, MT_VALUE_BINPRM: MemoryLayout<mt_file>.size
        case MT_VALUE_SOCK, MT_VALUE_SKB, MT_VALUE_SOCKADDR: MemoryLayout<mt_endpoints>.size
        case MT_VALUE_CREDENTIALS: MemoryLayout<mt_credentials_value>.size
        case MT_VALUE_USER_NAMESPACE: MemoryLayout<mt_user_namespace>.size
        case MT_VALUE_BPF_ATTR, MT_VALUE_BPF_PROG, MT_VALUE_BPF_MAP: MemoryLayout<mt_bpf_object>.size
        case MT_VALUE_PERF_EVENT: MemoryLayout<mt_perf_event>.size
        case MT_VALUE_MODULE: MemoryLayout<mt_module>.size
        default: 0
        }
    }
}

/// One item: its header, and a payload that is long enough for its type.
package struct CallItem {
    static let headerSize = MemoryLayout<mt_item>.size
    /// Types from this one on are values; those below are what a policy says of itself.
    static let firstValue = UInt16(MT_VALUE_INT.rawValue)

    private let base: UnsafeRawPointer

    init(base: UnsafeRawPointer) { self.base = base }

    var header: mt_item { base.loadUnaligned(as: mt_item.self) }

    /// What it is.
    var type: mt_item_type { mt_item_type(UInt32(header.type)) }

    /// All of the payload.
    var payload: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + Self.headerSize, count: Int(header.length))
    }

    /// With the padding behind it; the last one of a record may lack that.
    var size: Int { Self.size(length: header.length) }

    static func size(length: UInt32) -> Int { headerSize + (Int(length) + 7) & ~7 }

    /// The payload's fixed part, which must be that of its type.
    func body<Body: BitwiseCopyable>(_: Body.Type = Body.self) -> Body {
        (base + Self.headerSize).loadUnaligned(as: Body.self)
    }

    /// What follows the fixed part.
    func text<Body>(behind _: Body.Type) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: payload[MemoryLayout<Body>.size...])
    }

    /// Some bytes of the fixed part, where they lie.
    func bytes<Body, Member>(_ member: KeyPath<Body, Member>, count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: base + Self.headerSize + (MemoryLayout<Body>.offset(of: member) ?? 0),
            count: Swift.min(count, MemoryLayout<Member>.size)
        )
    }

    /// A C string of the fixed part, up to its terminator.
    func name<Body, Member>(_ member: KeyPath<Body, Member>) -> UnsafeRawBufferPointer {
        let all = bytes(member, count: MemoryLayout<Member>.size)
        return UnsafeRawBufferPointer(rebasing: all.prefix { $0 != 0 })
    }
}
