import CWire
import Model

/// The lines of bpfd's action `stdout`: tracer, pid, parent, user, group, command, container runtime and id, with tabs.
package struct BPFDFormat: ~Copyable, LineFormat {
    private var buffer = TextBuffer()

    var bytes: UnsafeRawBufferPointer { buffer.bytes }

    mutating func clear() { buffer.clear() }

    /// What bpfd's tracers see.
    static func has(_ kind: EventKind, _ record: Record) -> Bool { tracer(kind) != nil }

    private static func tracer(_ kind: EventKind) -> StaticString? {
        switch kind {
        case .exec, .execFailed: "exec"
        case .open: "open"
        default: nil
        }
    }

    mutating func write(_ event: borrowing Event, _ record: Record) {
        guard let tracer = Self.tracer(event.kind), let process = event.process else { return }
        let credentials = process.process?.pointee.credentials
        buffer.append(tracer)
        tab(UInt64(record.header.tgid))
        // bpfd calls it TGID
        tab(UInt64(process.parentID?.tgid ?? 0))
        tab(UInt64(credentials?.uid ?? record.header.uid))
        tab(UInt64(credentials?.gid ?? 0))
        buffer.append(UInt8(ascii: "\t"))
        writeCommand(process)
        buffer.append("\tnot-found\t\n")
    }

    private mutating func tab(_ number: UInt64) {
        buffer.append(UInt8(ascii: "\t"))
        buffer.append(number)
    }

    /// Escaped, so that a name with a tab or a newline in it cannot make up a field or a line.
    private mutating func writeCommand(_ process: Execution) {
        withUnsafeBytes(of: process.comm) { bytes in
            _ = JSONText.write(UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != 0 }), to: &buffer)
        }
    }
}
