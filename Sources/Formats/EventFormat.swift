import Model

/// The formats that events can be written in.
package enum EventFormat: String, CaseIterable, Sendable {
    case json, compact, bpfd
    case tcpAudit = "tcp-audit"
    case traceleft

    /// A writer in this format.
    package func makeWriter(node: String, colored: Bool) -> EventWriter {
        switch self {
        case .json: .json(JSONFormat(node: node))
        case .compact: .compact(CompactFormat(colored: colored))
        case .bpfd: .bpfd(BPFDFormat())
        case .tcpAudit: .tcpAudit(TCPAuditFormat())
        case .traceleft: .traceleft(TraceLeftFormat())
        }
    }

    /// Whether there is a line for an event at all: those of other systems know only what these see.
    package func has(_ kind: EventKind, _ record: Record) -> Bool {
        switch self {
        case .json, .compact: true
        case .bpfd: BPFDFormat.has(kind, record)
        case .tcpAudit: TCPAuditFormat.has(kind, record)
        case .traceleft: TraceLeftFormat.has(kind, record)
        }
    }

    /// Whether `has` is true of everything.
    package var hasAll: Bool { self == .json || self == .compact }
}

/// Turns events into bytes, in one of the formats, or as bpfd's messages.
package enum EventWriter: ~Copyable {
    case json(JSONFormat)
    case compact(CompactFormat)
    case bpfd(BPFDFormat)
    case tcpAudit(TCPAuditFormat)
    case traceleft(TraceLeftFormat)
    /// Not for people: `BPFDMessages.split` takes them apart.
    case bpfdMessages(BPFDMessages)

    /// Bytes are handed out in pieces of about this size, so that they are still in the cache when they are written.
    private static let piece = 128 << 10

    /// Calls `body` with the lines of all events of a batch, whole lines in pieces, until it returns false.
    ///
    /// - Parameter body: gets the piece, valid during the call only, and the events in it.
    package mutating func write(_ batch: EventBatch, _ body: (UnsafeRawBufferPointer, Range<Int>) -> Bool) {
        switch consume self {
        case .json(var format):
            Self.write(batch, &format, body)
            self = .json(format)
        case .compact(var format):
            Self.write(batch, &format, body)
            self = .compact(format)
        case .bpfd(var format):
            Self.write(batch, &format, body)
            self = .bpfd(format)
        case .tcpAudit(var format):
            Self.write(batch, &format, body)
            self = .tcpAudit(format)
        case .traceleft(var format):
            Self.write(batch, &format, body)
            self = .traceleft(format)
        case .bpfdMessages(var format):
            Self.write(batch, &format, body)
            self = .bpfdMessages(format)
        }
    }

    /// Calls `body` with the lines of those events that `wants` says, whole lines in pieces.
    ///
    /// - Parameter body: gets the piece, valid during the call only, and how many events of each kind are in it.
    package mutating func write(
        _ events: ContiguousArray<Event>,
        of batch: EventBatch,
        where wants: (borrowing Event, Record) -> Bool,
        _ body: (UnsafeRawBufferPointer, KindCounts) -> Void
    ) {
        switch consume self {
        case .json(var format):
            Self.write(events, batch, &format, wants, body)
            self = .json(format)
        case .compact(var format):
            Self.write(events, batch, &format, wants, body)
            self = .compact(format)
        case .bpfd(var format):
            Self.write(events, batch, &format, wants, body)
            self = .bpfd(format)
        case .tcpAudit(var format):
            Self.write(events, batch, &format, wants, body)
            self = .tcpAudit(format)
        case .traceleft(var format):
            Self.write(events, batch, &format, wants, body)
            self = .traceleft(format)
        case .bpfdMessages(var format):
            Self.write(events, batch, &format, wants, body)
            self = .bpfdMessages(format)
        }
    }

    private static func write<Format: LineFormat & ~Copyable>(
        _ events: ContiguousArray<Event>,
        _ batch: EventBatch,
        _ format: inout Format,
        _ wants: (borrowing Event, Record) -> Bool,
        _ body: (UnsafeRawBufferPointer, KindCounts) -> Void
    ) {
        var counts = KindCounts()
        format.clear()
        events.withUnsafeBufferPointer { events in
            for index in events.indices where wants(events[index], batch.record(events[index])) {
                format.write(events[index], batch.record(events[index]))
                counts[events[index].kind] += 1
                if format.bytes.count >= piece {
                    body(format.bytes, counts)
                    format.clear()
                    counts = KindCounts()
                }
            }
        }
        if !format.bytes.isEmpty { body(format.bytes, counts) }
    }

    private static func write<Format: LineFormat & ~Copyable>(
        _ batch: EventBatch,
        _ format: inout Format,
        _ body: (UnsafeRawBufferPointer, Range<Int>) -> Bool
    ) {
        batch.events.withUnsafeBufferPointer { events in
            var begin = 0
            while begin < events.count {
                format.clear()
                var end = begin
                while end < events.count, format.bytes.count < piece {
                    format.write(events[end], batch.record(events[end]))
                    end += 1
                }
                guard body(format.bytes, begin..<end) else { return }
                begin = end
            }
        }
    }
}

/// Writes events as lines, one behind the other.
protocol LineFormat: ~Copyable {
    /// What was written; valid until the next change.
    var bytes: UnsafeRawBufferPointer { get }
    mutating func clear()
    /// Adds one line.
    mutating func write(_ event: borrowing Event, _ record: Record)
}

extension JSONFormat: LineFormat {}
extension CompactFormat: LineFormat {}
