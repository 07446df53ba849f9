import CWire
import Model

/// What bpfd tells of an event, whatever the tracer.
package enum BPFDEvent {
    /// The parent's thread group, which bpfd calls TGID; 0: it is not known.
    package static func parent(_ event: borrowing Event) -> UInt32 { event.process?.parentID?.tgid ?? 0 }

    /// The real user.
    package static func user(_ event: borrowing Event, _ record: Record) -> UInt32 {
        event.process?.process?.pointee.credentials.uid ?? record.header.uid
    }

    /// The real group.
    package static func group(_ event: borrowing Event) -> UInt32 {
        event.process?.process?.pointee.credentials.gid ?? 0
    }

    /// What the call returned, or minus the error number.
    package static func returnValue(_ kind: EventKind, _ record: Record) -> Int32 {
        switch kind {
        case .execFailed: record.execFailed.pointee.result
        case .open: Int32(truncatingIfNeeded: record.open.pointee.result)
        default: 0
        }
    }

    /// The process' name; of a shell, the line that was typed. The bytes are as they came.
    package static func appendCommand(_ event: borrowing Event, _ record: Record, to buffer: inout TextBuffer) {
        if event.kind == .shell {
            if let line = record.string(record.shell.pointee.line) { buffer.append(line) }
        } else if let process = event.process {
            withUnsafeBytes(of: process.comm) { bytes in
                buffer.append(UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != 0 }))
            }
        }
    }

    /// bpfd's name for what keeps the process' container.
    package static func runtime(_ event: borrowing Event) -> StaticString {
        guard let container = event.process?.container else { return "not-found" }
        return runtime(container)
    }

    /// bpfd's name for what keeps a container.
    package static func runtime(_ container: Container) -> StaticString {
        if container.podUID != nil { return "kube" }
        return switch container.runtime {
        case .kubernetes: "kube"
        case .libvirtLXC: "lxc-libvirt"
        case .nspawn: "systemd-nspawn"
        default: container.runtime.name
        }
    }
}
