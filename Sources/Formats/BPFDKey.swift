import CWire
import Model

/// A key of the data of bpfd's events, and what an event tells by it.
package enum BPFDKey: CaseIterable, Sendable {
    case argv, type, filename
    case saddr, daddr, sport, dport, state, tcpflags, seq, len
    /// Until October 2018 every tracer told these as well; documented rules ask for them.
    case command, returnval, pid, ppid, uid, gid

    /// Those that all tracers have.
    package static let common: [BPFDKey] = [.command, .returnval, .pid, .ppid, .uid, .gid]

    /// As rules name it.
    package var name: StaticString {
        switch self {
        case .argv: "argv"
        case .type: "type"
        case .filename: "filename"
        case .saddr: "saddr"
        case .daddr: "daddr"
        case .sport: "sport"
        case .dport: "dport"
        case .state: "state"
        case .tcpflags: "tcpflags"
        case .seq: "seq"
        case .len: "len"
        case .command: "command"
        case .returnval: "returnval"
        case .pid: "pid"
        case .ppid: "ppid"
        case .uid: "uid"
        case .gid: "gid"
        }
    }

    /// By its name.
    package init?(name: String) {
        guard let key = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
        self = key
    }

    /// The bytes of its text in an event, as they came: they may be no UTF-8. Nil: the event does not have it.
    ///
    /// - Parameter scratch: where a text is put together that the record does not have as it is; what was there goes.
    ///
    /// Allocates nothing once `scratch` has grown. Valid until `scratch` changes, and as long as the event's batch.
    package func text(
        _ event: borrowing Event,
        _ record: Record,
        _ scratch: inout TextBuffer
    ) -> UnsafeRawBufferPointer? {
        switch self {
        case .filename: return Self.name(event.kind, record)
        case .command where event.kind == .shell: return record.string(record.shell.pointee.line)
        default:
            scratch.clear()
            return append(event, record, to: &scratch) ? scratch.bytes : nil
        }
    }

    /// Appends the same text to what is in a buffer; false: the event does not have it.
    package func append(_ event: borrowing Event, _ record: Record, to buffer: inout TextBuffer) -> Bool {
        switch self {
        case .argv: return Self.appendArguments(event.kind, record, to: &buffer)
        case .type:
            guard BPFDTracer(event.kind) == .exec else { return false }
            buffer.append(UInt8(ascii: "1"))
        case .filename:
            guard let name = Self.name(event.kind, record) else { return false }
            buffer.append(name)
        case .saddr, .daddr, .sport, .dport, .state, .tcpflags, .seq, .len:
            guard event.kind == .tcpDrop else { return false }
            return BPFDDrop.append(self, record, to: &buffer)
        case .command: BPFDEvent.appendCommand(event, record, to: &buffer)
        case .returnval: buffer.append(Int64(BPFDEvent.returnValue(event.kind, record)))
        case .pid: buffer.append(UInt64(record.header.tgid))
        case .ppid: buffer.append(UInt64(BPFDEvent.parent(event)))
        case .uid: buffer.append(UInt64(BPFDEvent.user(event, record)))
        case .gid: buffer.append(UInt64(BPFDEvent.group(event)))
        }
        return true
    }

    /// The path as the caller gave it.
    private static func name(_ kind: EventKind, _ record: Record) -> UnsafeRawBufferPointer? {
        switch kind {
        case .open: record.string(record.open.pointee.name)
        case .breakout: record.string(record.breakout.pointee.open.name)
        default: nil
        }
    }

    /// The file as execve was given it, in place of the first argument, and the others, with one space between them.
    private static func appendArguments(_ kind: EventKind, _ record: Record, to buffer: inout TextBuffer) -> Bool {
        let (file, block): (UnsafeRawBufferPointer?, UnsafeRawBufferPointer?)
        switch kind {
        case .exec:
            file = record.string(record.process.pointee.filename)
            block = record.string(record.process.pointee.args)
        case .execFailed:
            file = record.string(record.execFailed.pointee.filename)
            block = record.string(record.execFailed.pointee.args)
        default: return false
        }
        if let file { buffer.append(file) }
        guard let block else { return file != nil }
        var isFirst = true
        for argument in NULSeparated(block) {
            defer { isFirst = false }
            if isFirst, file != nil { continue }
            if !isFirst { buffer.append(UInt8(ascii: " ")) }
            buffer.append(argument)
        }
        return true
    }
}
