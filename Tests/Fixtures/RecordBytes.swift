import CWire
import Model

/// A record in the making: its fixed part, and the strings behind it.
package struct RecordBytes<Body: BitwiseCopyable> {
    package var body: Body
    package var header = mt_header()
    private var strings: [UInt8] = []

    package init(_ body: Body, _ kind: EventKind, _ who: Who, at time: UInt64) {
        self.body = body
        header.kind = kind.rawValue
        header.tgid = who.tgid
        header.tid = who.tgid
        header.start = who.start
        header.time = time
        header.uid = 1000
        header.cgroup = 77
    }

    /// Adds a string and says where it is; nil is none.
    package mutating func text(_ text: [UInt8]?) -> mt_str {
        guard let text else { return mt_str() }
        defer { strings += text }
        return mt_str(offset: UInt32(MemoryLayout<Body>.size + strings.count), length: UInt32(text.count))
    }

    package mutating func text(_ text: String?) -> mt_str { self.text(text.map { Array($0.utf8) }) }

    /// Adds strings, each with a NUL behind it.
    package mutating func list(_ texts: [String]) -> mt_str {
        texts.isEmpty ? mt_str() : text(texts.flatMap { Array($0.utf8) + [0] })
    }

    /// The record; its header tells its length.
    package var bytes: [UInt8] {
        var header = header
        header.length = UInt32(MemoryLayout<Body>.size + strings.count)
        var bytes = withUnsafeBytes(of: body) { Array($0) } + strings
        withUnsafeBytes(of: header) { bytes.replaceSubrange(0..<$0.count, with: $0) }
        return bytes
    }
}

/// A process by number and start.
package struct Who: Sendable {
    package var tgid: UInt32
    package var start: UInt64

    package init(_ tgid: UInt32, start: UInt64) {
        self.tgid = tgid
        self.start = start
    }
}

extension [UInt8] {
    /// This record, of a process that had executed so many programs.
    package func settingExecs(_ execs: UInt16) -> [UInt8] {
        var bytes = self
        let offset = MemoryLayout<mt_header>.offset(of: \.execs) ?? 0
        Swift.withUnsafeBytes(of: execs) { bytes.replaceSubrange(offset..<offset + 2, with: $0) }
        return bytes
    }
}

/// A value of a C structure, all zero.
func zero<Value: BitwiseCopyable>(_: Value.Type = Value.self) -> Value {
    withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { area in
        UnsafeMutableRawBufferPointer(area).initializeMemory(as: UInt8.self, repeating: 0)
        return area[0]
    }
}

/// Sets a fixed C string field.
package func setName<Field: BitwiseCopyable>(_ field: inout Field, _ name: String) {
    withUnsafeMutableBytes(of: &field) { $0.copyBytes(from: name.utf8.prefix($0.count - 1)) }
}
