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
        case .tcpDrop: "tcpdrop"
        case .breakout: "dockeropenbreakout"
        default: nil
        }
    }

    mutating func write(_ event: borrowing Event, _ record: Record) {
        guard let tracer = Self.tracer(event.kind) else { return }
        // Whose a packet is may not be known; there is a line of it all the same, with the numbers of nobody.
        guard let process = event.process else {
            buffer.append(tracer)
            buffer.append("\t0\t0\t4294967295\t4294967295\t\tnot-found\t\n")
            return
        }
        let credentials = process.process?.pointee.credentials
        buffer.append(tracer)
        tab(UInt64(record.header.tgid))
        // bpfd calls it TGID
        tab(UInt64(process.parentID?.tgid ?? 0))
        tab(UInt64(credentials?.uid ?? record.header.uid))
        tab(UInt64(credentials?.gid ?? 0))
        buffer.append(UInt8(ascii: "\t"))
        writeCommand(process)
        buffer.append(UInt8(ascii: "\t"))
        if let container = process.container {
            buffer.append(Self.runtime(container))
            buffer.append(UInt8(ascii: "\t"))
            _ = JSONText.write(container.id.buffer, to: &buffer)
        } else {
            buffer.append("not-found\t")
        }
        buffer.append(UInt8(ascii: "\n"))
    }

    /// bpfd's name for what keeps a container.
    private static func runtime(_ container: Container) -> StaticString {
        if container.podUID != nil { return "kube" }
        return switch container.runtime {
        case .libvirtLXC: "lxc-libvirt"
        case .nspawn: "systemd-nspawn"
        default: container.runtime.name
        }
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
