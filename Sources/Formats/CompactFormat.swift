import CWire
import Model

/// One line per event for people: time, what, process, and the one thing that matters about it.
///
/// Text from outside is escaped as in JSON strings, so that no byte of it reaches the terminal as a command.
package struct CompactFormat: ~Copyable {
    // Not private for the lines of calls (CompactFormat+Calls.swift).
    var buffer = TextBuffer()
    private var times = Timestamp()
    private let colored: Bool
    private let openFlags = Fields.reader("flags", of: .open)
    private let openMarks = Fields.reader("marks", of: .open)
    private let shellMarks = Fields.reader("marks", of: .shell)
    private let breakoutWay = Fields.reader("way", of: .breakout)
    private let dropFlags = Fields.reader("flags", of: .tcpDrop)
    private let dropState = Fields.reader("state", of: .tcpDrop)
    private let dropReason = Fields.reader("reason", of: .tcpDrop)
    /// The same for all kinds of calls.
    let callMarks = Fields.reader("marks", of: .kprobe)

    package init(colored: Bool) { self.colored = colored }

    package var bytes: UnsafeRawBufferPointer { buffer.bytes }

    package mutating func clear() { buffer.clear() }

    package mutating func write(_ event: borrowing Event, _ record: Record) {
        writeTime(event.time)
        paint(Self.color(event.kind)) { $0.padded(event.kind.name, to: 11) }
        buffer.append(UInt8(ascii: " "))
        if let process = event.process { writeProcess(process, record) }
        switch event.kind {
        case .exec, .snapshot: writeArguments(event.process)
        case .fork: writeParent(event.parent)
        case .exit: writeExit(record)
        case .execFailed: writeExecFailed(record)
        case .open: writeOpen(record)
        case .tcp: writeTCP(record)
        case .tcpDrop: writeTCPDrop(record)
        case .breakout: writeBreakout(record)
        case .shell: writeShell(record)
        case .kprobe, .tracepoint, .uprobe, .usdt, .lsm, .loader: writeCall(event.kind, record)
        case .loss, .heartbeat, .container: writeFields(event.kind, record)
        case .clock: break
        }
        if let rules = event.rules { writeRules(rules, event, record) }
        if record.header.flags & UInt16(MT_FLAG_LATE) != 0 { paint(.red) { $0.buffer.append(" late") } }
        buffer.append(UInt8(ascii: "\n"))
    }

    /// The names of the rules, each with what it says.
    private mutating func writeRules(_ rules: MatchedRules, _ event: borrowing Event, _ record: Record) {
        if let written = rules.written { return buffer.append(written.buffer) }
        for rule in rules.rules {
            let isGrave = rule.severity == .high || rule.severity == .critical
            paint(isGrave ? .red : .magenta) { line in
                line.buffer.append(" [")
                var name = rule.name
                name.withUTF8 { _ = JSONText.write(UnsafeRawBufferPointer($0), to: &line.buffer) }
                line.buffer.append(UInt8(ascii: "]"))
            }
            guard !rule.message.isEmpty else { continue }
            buffer.append(UInt8(ascii: " "))
            RulesText.writeMessage(rule, event, record, to: &buffer)
        }
    }

    /// The time of the day in UTC, to the millisecond.
    private mutating func writeTime(_ time: UInt64) {
        let milliseconds = time / 1_000_000
        let seconds = milliseconds / 1000 % 86400
        paint(.dim) { line in
            line.buffer.append(seconds / 3600, digits: 2)
            line.buffer.append(UInt8(ascii: ":"))
            line.buffer.append(seconds / 60 % 60, digits: 2)
            line.buffer.append(UInt8(ascii: ":"))
            line.buffer.append(seconds % 60, digits: 2)
            line.buffer.append(UInt8(ascii: "."))
            line.buffer.append(milliseconds % 1000, digits: 3)
        }
        buffer.append(UInt8(ascii: " "))
    }

    private mutating func writeProcess(_ process: Execution, _ record: Record) {
        paint(.dim) { $0.buffer.append(UInt64(record.header.tgid)) }
        buffer.append(UInt8(ascii: " "))
        if let container = process.container { paint(.magenta) { $0.writeContainer(container) } }
        paint(.bold) { $0.writeBinary(process) }
    }

    /// Runtime and name; the beginning of the id where there is no name.
    private mutating func writeContainer(_ container: Container) {
        buffer.append(container.runtime.name)
        buffer.append(UInt8(ascii: ":"))
        if let pod = container.string(\.pod), let name = container.string(\.pod_container) {
            _ = JSONText.write(pod, to: &buffer)
            buffer.append(UInt8(ascii: "/"))
            _ = JSONText.write(name, to: &buffer)
        } else if let name = container.string(\.name) {
            _ = JSONText.write(name, to: &buffer)
        } else {
            let id = container.id.buffer
            _ = JSONText.write(
                container.hasEngineID ? UnsafeRawBufferPointer(rebasing: id.prefix(12)) : id,
                to: &buffer
            )
        }
        buffer.append(UInt8(ascii: " "))
    }

    private mutating func writeBinary(_ process: Execution) {
        if let record = process.record {
            let value = Fields.path(record.process.pointee.binary, in: record)
            if case .absent = value {
            } else {
                _ = ScalarText.write(value, to: &buffer)
                return
            }
        }
        let comm = process.comm
        buffer.append(UInt8(ascii: "["))
        withUnsafeBytes(of: comm) { bytes in
            _ = JSONText.write(UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != 0 }), to: &buffer)
        }
        buffer.append(UInt8(ascii: "]"))
    }

    private mutating func writeArguments(_ process: Execution?) {
        guard let process, let args = process.string(\.args) else { return }
        if NULSeparated(args).dropFirst().first(where: { _ in true }) != nil { buffer.append(UInt8(ascii: " ")) }
        _ = CommandLineText.write(args, quote: "\"", to: &buffer)
        if let process = process.process?.pointee, process.marks & UInt32(MT_PROCESS_ARGS_TRUNCATED) != 0 {
            paint(.red) { $0.buffer.append(" …") }
        }
    }

    private mutating func writeParent(_ parent: Execution?) {
        guard let parent else { return }
        buffer.append(" from ")
        buffer.append(UInt64(parent.id.tgid))
    }

    private mutating func writeExit(_ record: Record) {
        let status = record.exit.pointee.status
        buffer.append(UInt8(ascii: " "))
        if status & 0x7f != 0 {
            paint(.red) { _ = ScalarText.write(.signal(status & 0x7f), to: &$0.buffer) }
        } else {
            paint(status == 0 ? .plain : .red) { $0.buffer.append(Int64(status >> 8 & 0xff)) }
        }
    }

    private mutating func writeExecFailed(_ record: Record) {
        let failed = record.execFailed.pointee
        buffer.append(UInt8(ascii: " "))
        if let name = record.string(failed.filename) { _ = JSONText.write(name, to: &buffer) }
        if let args = record.string(failed.args), failed.argc > 1 {
            buffer.append(UInt8(ascii: " "))
            _ = CommandLineText.write(args, quote: "\"", to: &buffer)
        }
        writeError(failed.result)
    }

    private mutating func writeOpen(_ record: Record) {
        let open = record.open.pointee
        buffer.append(UInt8(ascii: " "))
        let path = Fields.path(open.path, in: record)
        if case .absent = path {
            if let name = record.string(open.name) { _ = JSONText.write(name, to: &buffer) }
        } else {
            _ = ScalarText.write(path, to: &buffer)
        }
        if open.call != MT_EXECUTED.rawValue {
            buffer.append(UInt8(ascii: " "))
            paint(.dim) { _ = ScalarText.write($0.openFlags(record), to: &$0.buffer) }
        }
        if open.result < 0 { writeError(open.result) }
        if open.path.marks & ~UInt32(MT_MARK_PSEUDO) != 0 {
            buffer.append(UInt8(ascii: " "))
            paint(.red) { _ = ScalarText.write($0.openMarks(record), to: &$0.buffer) }
        }
    }

    private mutating func writeTCP(_ record: Record) {
        let tcp = record.tcp.pointee
        buffer.append(UInt8(ascii: " "))
        AddressText.write(record.address(\.saddr), port: tcp.sport, to: &buffer)
        if tcp.dport != 0 {
            buffer.append(" → ")
            AddressText.write(record.address(\.daddr), port: tcp.dport, to: &buffer)
        }
        if tcp.call == MT_TCP_CONNECT.rawValue { return writeError(tcp.result) }
        buffer.append(UInt8(ascii: " "))
        switch tcp.call {
        case UInt8(MT_TCP_STATE.rawValue):
            buffer.append(Names.tcpState(tcp.old_state) ?? "?")
            buffer.append(" → ")
        case UInt8(MT_TCP_ACCEPT.rawValue): buffer.append("accept ")
        default: buffer.append("snapshot ")
        }
        buffer.append(Names.tcpState(tcp.new_state) ?? "?")
        if tcp.error != 0 { writeError(0 &- tcp.error) }
    }

    private mutating func writeTCPDrop(_ record: Record) {
        let drop = record.tcpDrop.pointee
        buffer.append(UInt8(ascii: " "))
        AddressText.write(record.dropAddress(\.saddr), port: drop.sport, to: &buffer)
        buffer.append(" → ")
        AddressText.write(record.dropAddress(\.daddr), port: drop.dport, to: &buffer)
        for read in [dropFlags, dropState, dropReason] {
            let value = read(record)
            if case .absent = value { continue }
            buffer.append(UInt8(ascii: " "))
            _ = ScalarText.write(value, to: &buffer)
        }
    }

    private mutating func writeBreakout(_ record: Record) {
        if record.open.pointee.call == MT_EXECUTED.rawValue { buffer.append(" execve") }
        writeOpen(record)
        buffer.append(UInt8(ascii: " "))
        paint(.red) { _ = ScalarText.write($0.breakoutWay(record), to: &$0.buffer) }
    }

    private mutating func writeShell(_ record: Record) {
        let shell = record.shell.pointee
        buffer.append(UInt8(ascii: " "))
        if let line = record.string(shell.line) { _ = JSONText.write(line, to: &buffer) }
        if shell.marks != 0 {
            buffer.append(UInt8(ascii: " "))
            paint(.red) { _ = ScalarText.write($0.shellMarks(record), to: &$0.buffer) }
        }
    }

    private mutating func writeError(_ result: Int32) {
        buffer.append(UInt8(ascii: " "))
        // A damaged record may hold the one number that has no opposite.
        paint(.red) { _ = ScalarText.write(.errno(0 &- result), to: &$0.buffer) }
    }

    private mutating func writeFields(_ kind: EventKind, _ record: Record) {
        var separator: StaticString = ""
        for field in Fields.event(kind) {
            guard case .record(let read) = field.source else { continue }
            let value = read(record)
            if case .absent = value { continue }
            buffer.append(separator)
            separator = " "
            buffer.append(field.name)
            buffer.append(UInt8(ascii: "="))
            _ = ScalarText.write(value, to: &buffer)
        }
    }

    private mutating func padded(_ name: StaticString, to width: Int) {
        buffer.append(name)
        for _ in name.utf8CodeUnitCount..<max(width, name.utf8CodeUnitCount) { buffer.append(UInt8(ascii: " ")) }
    }

    enum Color: String {
        case plain = "", dim = "2", bold = "1", red = "31", green = "32", yellow = "33", blue = "34", magenta = "35",
            cyan = "36"
    }

    private static func color(_ kind: EventKind) -> Color {
        switch kind {
        case .exec, .snapshot: .green
        case .fork: .magenta
        case .exit: .yellow
        case .open, .tcp: .blue
        case .shell, .kprobe, .tracepoint, .uprobe, .usdt, .lsm, .loader: .cyan
        case .execFailed, .loss, .tcpDrop, .breakout: .red
        case .heartbeat, .clock, .container: .dim
        }
    }

    mutating func paint(_ color: Color, _ body: (inout CompactFormat) -> Void) {
        guard colored, color != .plain else { return body(&self) }
        buffer.append("\u{1b}[")
        buffer.append(color.rawValue)
        buffer.append("m")
        body(&self)
        buffer.append("\u{1b}[0m")
    }
}
