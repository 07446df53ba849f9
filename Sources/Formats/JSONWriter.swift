import Model

/// Writes values into one JSON object, with commas where they belong.
struct JSONWriter: ~Copyable {
    var buffer: TextBuffer
    var times = Timestamp()
    /// Fields of the object being written whose text is no UTF-8.
    private var escaped = InlineArray<8, Int>(repeating: 0)
    private var escapedCount = 0
    private let node: String

    init(node: String, capacity: Int = 64 << 10) {
        self.node = node
        buffer = TextBuffer(capacity: capacity)
    }

    /// Writes the fields of `object` for `execution` or `record`; empty inner objects are left out.
    mutating func write(_ object: JSONObject, execution: Execution?, record: Record?) {
        // Where each open inner object began: it is taken back when nothing came to be in it.
        var begins = InlineArray<8, Int>(repeating: 0)
        var depth = 0
        escapedCount = 0
        object.steps.withUnsafeBufferPointer { steps in
            object.keys.withUnsafeBytes { keys in
                for index in steps.indices {
                    let step = steps[index]
                    let key = UnsafeRawBufferPointer(rebasing: keys[Int(step.keyBegin)..<Int(step.keyEnd)])
                    let value: FieldValue
                    switch step.action {
                    case .open:
                        begins[depth] = buffer.count
                        depth += 1
                        separate()
                        buffer.append(key)
                        buffer.append(UInt8(ascii: "{"))
                        continue
                    case .close:
                        depth -= 1
                        if buffer.last == UInt8(ascii: "{") {
                            buffer.truncate(to: begins[depth])
                        } else {
                            buffer.append(UInt8(ascii: "}"))
                        }
                        continue
                    case .process:
                        guard let execution else { continue }
                        value = object.processReaders[Int(step.field)].read(execution)
                    case .record:
                        guard let record else { continue }
                        value = object.recordReaders[Int(step.field)].read(record)
                    }
                    if case .absent = value { continue }
                    if write(key, value) { noteEscaped(index) }
                }
            }
        }
        writeEscapedNames(object)
    }

    private mutating func noteEscaped(_ index: Int) {
        if escapedCount < 8 {
            escaped[escapedCount] = index
            escapedCount += 1
        }
    }

    private mutating func writeEscapedNames(_ object: JSONObject) {
        guard escapedCount > 0 else { return }
        separate()
        // The details of a process follow its identity in the same object, which may have said so of its own fields.
        buffer.append(object.isContinuation ? #""escaped_details":["# : #""escaped":["#)
        for position in 0..<escapedCount {
            if position > 0 { buffer.append(UInt8(ascii: ",")) }
            buffer.append(UInt8(ascii: "\""))
            buffer.append(object.names[escaped[position]])
            buffer.append(UInt8(ascii: "\""))
        }
        buffer.append(UInt8(ascii: "]"))
    }

    /// A comma, unless an object or a list has just begun.
    @inline(__always)
    mutating func separate() {
        let last = buffer.last
        if last != UInt8(ascii: "{"), last != UInt8(ascii: "["), last != 0 { buffer.append(UInt8(ascii: ",")) }
    }

    /// Writes key and value; empty lists not at all. True when a text had to be escaped.
    private mutating func write(_ key: UnsafeRawBufferPointer, _ value: FieldValue) -> Bool {
        let before = buffer.count
        separate()
        buffer.append(key)
        switch value {
        case .absent: break
        case .number(let number): buffer.append(number)
        case .boolean(let value): buffer.append(value ? "true" : "false")
        case .large(let number): quoted { $0.buffer.append(number) }
        case .name(let name): quoted { $0.buffer.append(name) }
        case .text(let text): return quotedText(text)
        case .bytes(let bytes): quoted { Base64Text.write(bytes, to: &$0.buffer) }
        case .commandLine(let strings):
            buffer.append(UInt8(ascii: "\""))
            let escaped = CommandLineText.write(strings, quote: #"\""#, to: &buffer)
            buffer.append(UInt8(ascii: "\""))
            return escaped
        case .strings(let strings):
            var escaped = false
            buffer.append(UInt8(ascii: "["))
            for string in NULSeparated(strings) {
                separate()
                if quotedText(string) { escaped = true }
            }
            buffer.append(UInt8(ascii: "]"))
            return escaped
        case .variables(let strings): return variables(strings)
        case .labels(let strings): return labels(strings)
        case .words(let bits, let table): quoted { $0.joined(bits, table) }
        case .list(let bits, let table):
            if !list(bits, table) { buffer.truncate(to: before) }
        case .time(let time): quoted { $0.times.write(time, to: &$0.buffer) }
        case .execution(let id):
            quoted { Self.write(id, node: $0.node, to: &$0.buffer) }
        case .namespace(let inum, let isHost): namespace(inum, isHost: isHost)
        case .tags, .arguments, .argument:
            var escaped = false
            if !ofCall(value, &escaped) { buffer.truncate(to: before) }
            return escaped
        default: return quotedScalar(value)
        }
        return false
    }

    /// Writes what a call's items say; false when they say nothing.
    private mutating func ofCall(_ value: FieldValue, _ escaped: inout Bool) -> Bool {
        switch value {
        case .arguments(let call, let role, let behind): return arguments(call, role, behind, &escaped)
        case .argument(let call, let role):
            guard let first = call.shown(role).first(where: { _ in true }) else { return false }
            argument(first, &escaped)
            return true
        case .tags(let tags):
            buffer.append(UInt8(ascii: "["))
            for tag in tags {
                separate()
                if quotedText(tag) { escaped = true }
            }
            guard buffer.last != UInt8(ascii: "[") else { return false }
            buffer.append(UInt8(ascii: "]"))
            return true
        default: return false
        }
    }

    private mutating func quotedScalar(_ value: FieldValue) -> Bool {
        buffer.append(UInt8(ascii: "\""))
        let escaped = ScalarText.write(value, to: &buffer)
        buffer.append(UInt8(ascii: "\""))
        return escaped
    }

    private mutating func quoted(_ body: (inout JSONWriter) -> Void) {
        buffer.append(UInt8(ascii: "\""))
        body(&self)
        buffer.append(UInt8(ascii: "\""))
    }

    mutating func quotedText(_ text: UnsafeRawBufferPointer) -> Bool {
        buffer.append(UInt8(ascii: "\""))
        let escaped = JSONText.write(text, to: &buffer)
        buffer.append(UInt8(ascii: "\""))
        return escaped
    }

    private mutating func variables(_ strings: UnsafeRawBufferPointer) -> Bool {
        var escaped = false
        buffer.append(UInt8(ascii: "["))
        for string in NULSeparated(strings) {
            let split = string.firstIndex(of: UInt8(ascii: "=")) ?? string.count
            separate()
            buffer.append(#"{"Key":"#)
            if quotedText(UnsafeRawBufferPointer(rebasing: string[..<split])) { escaped = true }
            buffer.append(#","Value":"#)
            if quotedText(UnsafeRawBufferPointer(rebasing: string[min(split + 1, string.count)...])) { escaped = true }
            buffer.append(UInt8(ascii: "}"))
        }
        buffer.append(UInt8(ascii: "]"))
        return escaped
    }

    private mutating func labels(_ strings: UnsafeRawBufferPointer) -> Bool {
        var escaped = false
        buffer.append(UInt8(ascii: "{"))
        for string in NULSeparated(strings) {
            let split = string.firstIndex(of: UInt8(ascii: "=")) ?? string.count
            separate()
            if quotedText(UnsafeRawBufferPointer(rebasing: string[..<split])) { escaped = true }
            buffer.append(UInt8(ascii: ":"))
            if quotedText(UnsafeRawBufferPointer(rebasing: string[min(split + 1, string.count)...])) { escaped = true }
        }
        buffer.append(UInt8(ascii: "}"))
        return escaped
    }

    private mutating func joined(_ bits: UInt64, _ table: NameTable) { ScalarText.join(bits, table, to: &buffer) }

    /// False when no bit is set.
    mutating func list(_ bits: UInt64, _ table: NameTable) -> Bool {
        guard bits != 0 else { return false }
        buffer.append(UInt8(ascii: "["))
        let begin = buffer.count
        var rest = bits
        for (mask, name) in table.names where mask != 0 && rest & mask == mask {
            rest &= ~mask
            separate()
            quoted { $0.buffer.append(name) }
        }
        if table.showsRest, rest != 0 {
            separate()
            buffer.append(#""0x"#)
            buffer.append(rest, base: 16)
            buffer.append(UInt8(ascii: "\""))
        }
        guard buffer.count > begin else { return false }
        buffer.append(UInt8(ascii: "]"))
        return true
    }

    /// Tetragon's form: base64 of `node:time:pid`.
    static func write(_ id: Execution.ID, node: String, to buffer: inout TextBuffer) {
        Base64Text.write(Array("\(node):\(id.time):\(id.tgid)".utf8), to: &buffer)
    }
}
