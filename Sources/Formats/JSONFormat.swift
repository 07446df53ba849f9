import CWire
import Model

/// One JSON object per event and line, in Tetragon's shape.
package struct JSONFormat: ~Copyable {
    // Not private for the parts of lines that stores keep apart (JSONFormat+Stored.swift).
    var writer: JSONWriter
    private let node: [UInt8]
    let details = JSONObject(Fields.process.filter(\.isDetail), isContinuation: true)
    private let identity = JSONObject(Fields.process.filter { !$0.isDetail })
    /// By the kind's number.
    let events: [JSONObject]

    package init(node: String) {
        writer = JSONWriter(node: node)
        var name = TextBuffer(capacity: 256)
        name.append(#","node_name":""#)
        var text = node
        text.withUTF8 { _ = JSONText.write(UnsafeRawBufferPointer($0), to: &name) }
        name.append(#"","time":""#)
        self.node = Array(name.bytes)
        let last = EventKind.allCases.map(\.rawValue).max() ?? 0
        events = (0...last).map { JSONObject(EventKind(rawValue: $0).map(Fields.event) ?? []) }
    }

    /// What was written; valid until the next change.
    package var bytes: UnsafeRawBufferPointer { writer.buffer.bytes }

    package mutating func clear() { writer.buffer.clear() }

    /// Adds one line. Allocates nothing once the buffer has grown.
    package mutating func write(_ event: borrowing Event, _ record: Record) {
        let kind = event.kind
        writer.buffer.append(#"{""#)
        writer.buffer.append(kind.jsonName)
        writer.buffer.append(#"":{"#)
        if let process = event.process {
            writer.buffer.append(#""process":{"#)
            writer.buffer.append(process.json.buffer)
            // Whoever owns what the event is about need not be the one who was running.
            if let tid = record.tid {
                writer.buffer.append(#","tid":"#)
                writer.buffer.append(UInt64(tid))
                writer.buffer.append(#","euid":"#)
                writer.buffer.append(UInt64(record.header.uid))
            }
            if kind.beginsExecution {
                writer.write(details, execution: process, record: nil)
            }
            writer.buffer.append(UInt8(ascii: "}"))
            if let parent = event.parent {
                writer.buffer.append(#","parent":{"#)
                writer.buffer.append(parent.json.buffer)
                writer.buffer.append(UInt8(ascii: "}"))
            }
        }
        writer.write(events[Int(kind.rawValue)], execution: nil, record: record)
        write(rulesOf: event, record)
        if record.header.flags & UInt16(MT_FLAG_LATE) != 0 {
            writer.separate()
            writer.buffer.append(#""late":true"#)
        }
        writer.buffer.append(UInt8(ascii: "}"))
        writer.buffer.append(node)
        writer.times.write(event.time, to: &writer.buffer)
        writer.buffer.append("\"}\n")
    }

    /// Adds the rules that the event matches, if it does.
    mutating func write(rulesOf event: borrowing Event, _ record: Record) {
        guard let rules = event.rules else { return }
        writer.separate()
        writer.buffer.append(#""rules":"#)
        RulesText.write(rules, event, record, to: &writer.buffer)
    }

    /// The part of a process object that all events of an execution share.
    package mutating func identity(_ execution: Execution) -> Bytes {
        let begin = writer.buffer.count
        writer.write(identity, execution: execution, record: nil)
        defer { writer.buffer.truncate(to: begin) }
        return Bytes(UnsafeRawBufferPointer(rebasing: writer.buffer.bytes[begin...]))
    }
}
