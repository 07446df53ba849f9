import Model

/// An event as a store keeps it: the pieces of its JSON line, of which those of a process are kept once.
///
/// All bytes are valid as long as the store's row.
package struct StoredEvent {
    /// Nil for a kind of a later version: then `kindName` stands in the line.
    package var kind: EventKind?
    package var kindName = UnsafeRawBufferPointer(start: nil, count: 0)
    package var time: UInt64 = 0
    package var node = UnsafeRawBufferPointer(start: nil, count: 0)
    package var tid: UInt64 = 0
    package var euid: UInt64 = 0
    package var isLate = false
    /// Whole objects; nil where there is none.
    package var process: UnsafeRawBufferPointer?
    package var parent: UnsafeRawBufferPointer?
    package var own: UnsafeRawBufferPointer?
    /// What only the event that begins an execution tells of it: two objects, written as one.
    package var details: UnsafeRawBufferPointer?
    package var context: UnsafeRawBufferPointer?

    package init() {}
}

extension EventKind {
    /// Whether its events tell all that is known of their process.
    package var beginsExecution: Bool { self == .exec || self == .snapshot }
}

extension JSONFormat {
    /// Adds the object of an event's own fields, and the rules that it matches; false when there are none, and nothing was added.
    package mutating func writeOwn(_ event: borrowing Event, _ record: Record) -> Bool {
        let begin = writer.buffer.count
        writer.buffer.append(UInt8(ascii: "{"))
        writer.write(events[Int(event.kind.rawValue)], execution: nil, record: record)
        write(rulesOf: event, record)
        guard writer.buffer.last != UInt8(ascii: "{") else {
            writer.buffer.truncate(to: begin)
            return false
        }
        writer.buffer.append(UInt8(ascii: "}"))
        return true
    }

    /// Adds the object that all events of an execution share.
    package mutating func writeProcess(_ execution: Execution) {
        writer.buffer.append(UInt8(ascii: "{"))
        writer.buffer.append(execution.json.buffer)
        writer.buffer.append(UInt8(ascii: "}"))
    }

    /// Adds the object of what only the event that begins an execution tells.
    package mutating func writeDetails(_ execution: Execution) {
        writer.buffer.append(UInt8(ascii: "{"))
        writer.write(details, execution: execution, record: nil)
        writer.buffer.append(UInt8(ascii: "}"))
    }

    /// Adds a text as it is.
    package mutating func write(text: String) { writer.buffer.append(text) }

    /// Adds bytes as they are.
    package mutating func write(bytes: [UInt8]) { writer.buffer.append(bytes) }

    /// Takes back what was written behind `count`.
    package mutating func truncate(to count: Int) { writer.buffer.truncate(to: count) }

    /// Adds what names an execution.
    package mutating func write(_ id: Execution.ID, node: String) {
        JSONWriter.write(id, node: node, to: &writer.buffer)
    }

    /// Adds the line that the event was, byte for byte.
    package mutating func write(_ event: StoredEvent) {
        writer.buffer.append(#"{""#)
        if let kind = event.kind { writer.buffer.append(kind.jsonName) } else { writer.buffer.append(event.kindName) }
        writer.buffer.append(#"":{"#)
        if let process = event.process {
            writer.buffer.append(#""process":{"#)
            append(inner: process)
            // 0: the owner of what the event is about was not running
            if event.tid != 0 {
                writer.buffer.append(#","tid":"#)
                writer.buffer.append(event.tid)
                writer.buffer.append(#","euid":"#)
                writer.buffer.append(event.euid)
            }
            append(inner: event.details)
            append(inner: event.context)
            writer.buffer.append(UInt8(ascii: "}"))
            if let parent = event.parent {
                writer.buffer.append(#","parent":{"#)
                append(inner: parent)
                writer.buffer.append(UInt8(ascii: "}"))
            }
        }
        append(inner: event.own)
        if event.isLate {
            writer.separate()
            writer.buffer.append(#""late":true"#)
        }
        writer.buffer.append(#"},"node_name":""#)
        _ = JSONText.write(event.node, to: &writer.buffer)
        writer.buffer.append(#"","time":""#)
        writer.times.write(event.time, to: &writer.buffer)
        writer.buffer.append("\"}\n")
    }

    /// The members of a whole object, behind those that are there.
    private mutating func append(inner object: UnsafeRawBufferPointer?) {
        guard let object, object.count > 2 else { return }
        writer.separate()
        writer.buffer.append(UnsafeRawBufferPointer(rebasing: object.dropFirst().dropLast()))
    }
}
