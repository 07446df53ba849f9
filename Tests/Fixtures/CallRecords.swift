import CWire
import Model

/// Items in the making: headers and payloads, one behind another.
package struct ItemBytes {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Adds an item of any payload.
    package mutating func add(
        _ type: mt_item_type,
        slot: UInt16 = 0,
        marks: Int32 = 0,
        detail: UInt32 = 0,
        _ payload: [UInt8] = []
    ) {
        var header = mt_item()
        header.type = UInt16(type.rawValue)
        header.slot = slot
        header.marks = UInt32(marks)
        header.length = UInt32(payload.count)
        header.detail = detail
        bytes += withUnsafeBytes(of: header) { Array($0) } + payload
        bytes += [UInt8](repeating: 0, count: (8 - payload.count % 8) % 8)
    }

    /// Adds an item whose payload is a text.
    package mutating func add(
        _ type: mt_item_type,
        slot: UInt16 = 0,
        marks: Int32 = 0,
        detail: UInt32 = 0,
        _ text: String
    ) { add(type, slot: slot, marks: marks, detail: detail, Array(text.utf8)) }

    /// Adds an item whose payload is a number or a structure, and bytes behind it.
    package mutating func add<Body: BitwiseCopyable>(
        _ type: mt_item_type,
        slot: UInt16 = 0,
        marks: Int32 = 0,
        detail: UInt32 = 0,
        body: Body,
        _ behind: [UInt8] = []
    ) { add(type, slot: slot, marks: marks, detail: detail, withUnsafeBytes(of: body) { Array($0) } + behind) }

    /// Adds what a policy shows of the values.
    package mutating func show(_ slot: UInt16, _ role: mt_role = MT_ROLE_ARGUMENT, label: String = "") {
        add(MT_ITEM_SHOWS, slot: slot, detail: role.rawValue, label)
    }
}

/// The values and what the policy says of itself, and the fixed part.
package struct CallBytes {
    package var values = ItemBytes()
    package var about = ItemBytes()
    package var body: mt_call = zero()
}

extension Records {
    /// A call of a kernel function that shows nothing, for the policy "audit".
    package static func call(
        _ who: Who,
        at time: UInt64,
        kind: EventKind = .kprobe,
        _ change: (inout CallBytes) -> Void = { _ in }
    ) -> [UInt8] {
        var parts = CallBytes()
        parts.body.actions = UInt32(MT_ACTION_POST)
        parts.about.add(MT_ITEM_POLICY, "audit")
        parts.about.add(MT_ITEM_FUNCTION, "security_file_permission")
        change(&parts)
        var record = RecordBytes(parts.body, kind, who, at: time)
        record.body.values = record.text(parts.values.bytes.isEmpty ? nil : parts.values.bytes)
        record.body.about = record.text(parts.about.bytes)
        return record.bytes
    }

    /// A call that shows one value, as its only argument.
    package static func call(
        _ who: Who,
        at time: UInt64,
        kind: EventKind = .kprobe,
        value: (inout ItemBytes) -> Void
    ) -> [UInt8] {
        call(who, at: time, kind: kind) {
            value(&$0.values)
            $0.about.show(0)
        }
    }

    /// A file as a value: /etc/passwd, unless changed.
    package static func file(
        _ path: String = "/etc/passwd",
        _ change: (inout mt_file) -> Void = { _ in }
    ) -> (mt_file, [UInt8]) {
        var file: mt_file = zero()
        file.inode = 99
        file.device = 8 << 20 | 2
        file.mode = 0o100644
        change(&file)
        return (file, Array(path.utf8))
    }

    /// Two ends of a TCP connection from 10.0.0.1:40000 to 10.0.0.2:443.
    package static func endpoints(_ change: (inout mt_endpoints) -> Void = { _ in }) -> mt_endpoints {
        var ends: mt_endpoints = zero()
        ends.address = 0xffff_8880_1234_5678
        ends.family = 2
        ends.type = 1
        ends.protocol = 6
        ends.sport = 40000
        ends.dport = 443
        ends.state = 1
        withUnsafeMutableBytes(of: &ends.saddr) { $0.copyBytes(from: [10, 0, 0, 1]) }
        withUnsafeMutableBytes(of: &ends.daddr) { $0.copyBytes(from: [10, 0, 0, 2]) }
        change(&ends)
        return ends
    }

    /// One of each kind of call, with many types of values.
    package static func callsOfEachKind(_ who: Who, at time: UInt64) -> [[UInt8]] {
        let (file, path) = file()
        return [EventKind.kprobe, .tracepoint, .uprobe, .usdt, .lsm, .loader].enumerated().map { position, kind in
            call(who, at: time + UInt64(position), kind: kind) { parts in
                parts.values.add(MT_VALUE_FILE, slot: 0, body: file, path)
                parts.values.add(MT_VALUE_INT, slot: 1, body: UInt64(4))
                parts.values.add(MT_VALUE_TEXT, slot: 2, "two words")
                parts.values.add(MT_VALUE_SOCK, slot: 3, body: endpoints())
                parts.values.add(MT_VALUE_BYTES, slot: 4, marks: MT_VALUE_TRUNCATED, detail: 9, [0, 1, 255])
                parts.values.add(MT_VALUE_CREDENTIALS, slot: 5, body: zero(mt_credentials_value.self))
                parts.values.add(MT_VALUE_LONG, slot: 6, marks: MT_VALUE_UNREADABLE, detail: 2)
                parts.values.add(MT_VALUE_INT, slot: 7, body: UInt64(bitPattern: -13))
                parts.about.add(MT_ITEM_GROUP, "group")
                parts.about.add(MT_ITEM_FILE, "/usr/bin/true")
                parts.about.add(MT_ITEM_MESSAGE, "a message")
                parts.about.add(MT_ITEM_TAG, "one")
                parts.about.add(MT_ITEM_TAG, "two")
                parts.about.add(MT_ITEM_SELECTOR, slot: 1, "reads")
                parts.about.add(MT_ITEM_OFFSET, body: UInt64(4711))
                if kind == .loader { parts.about.add(MT_ITEM_BUILD_ID, [0xb1, 0x0d, 0x1d]) }
                for slot in 0..<6 { parts.about.show(UInt16(slot), label: slot == 0 ? "file" : "") }
                parts.about.show(6, MT_ROLE_DATA)
                parts.about.show(7, MT_ROLE_RETURN)
                parts.body.duration = 1234
            }
        }
    }
}
