import CWire
import Model

/// The lines of bpfd's action `stdout`: tracer, pid, parent, user, group, command, container runtime and id, with tabs.
package struct BPFDFormat: ~Copyable, LineFormat {
    private var buffer = TextBuffer()
    private var command = TextBuffer(capacity: 256)

    var bytes: UnsafeRawBufferPointer { buffer.bytes }

    mutating func clear() { buffer.clear() }

    /// What bpfd's tracers see.
    static func has(_ kind: EventKind, _ record: Record) -> Bool { BPFDTracer(kind) != nil }

    mutating func write(_ event: borrowing Event, _ record: Record) {
        guard let tracer = BPFDTracer(event.kind) else { return }
        // Whose a packet is may not be known; there is a line of it all the same, with the numbers of nobody.
        guard let process = event.process else {
            buffer.append(tracer.name)
            buffer.append("\t0\t0\t4294967295\t4294967295\t\tnot-found\t\n")
            return
        }
        buffer.append(tracer.name)
        tab(record.header.tgid)
        // bpfd calls it TGID
        tab(BPFDEvent.parent(event))
        tab(BPFDEvent.user(event, record))
        tab(BPFDEvent.group(event))
        buffer.append(UInt8(ascii: "\t"))
        writeCommand(event, record)
        buffer.append(UInt8(ascii: "\t"))
        buffer.append(BPFDEvent.runtime(event))
        buffer.append(UInt8(ascii: "\t"))
        if let container = process.container { _ = JSONText.write(container.id.buffer, to: &buffer) }
        buffer.append(UInt8(ascii: "\n"))
    }

    private mutating func tab(_ number: UInt32) {
        buffer.append(UInt8(ascii: "\t"))
        buffer.append(UInt64(number))
    }

    /// Escaped, so that a name with a tab or a newline in it cannot make up a field or a line.
    private mutating func writeCommand(_ event: borrowing Event, _ record: Record) {
        command.clear()
        BPFDEvent.appendCommand(event, record, to: &command)
        _ = JSONText.write(command.bytes, to: &buffer)
    }
}
