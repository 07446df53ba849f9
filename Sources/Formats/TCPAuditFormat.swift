import CWire
import Model

/// The lines that tcp-audit prints: one for each change of a connection's state.
package struct TCPAuditFormat: ~Copyable, LineFormat {
    private var buffer = TextBuffer()

    var bytes: UnsafeRawBufferPointer { buffer.bytes }

    mutating func clear() { buffer.clear() }

    /// Changes of state, and nothing else.
    package static func has(_ kind: EventKind, _ record: Record) -> Bool {
        kind == .tcp && record.tcp.pointee.call == MT_TCP_STATE.rawValue
    }

    mutating func write(_ event: borrowing Event, _ record: Record) {
        guard Self.has(event.kind, record) else { return }
        let tcp = record.tcp.pointee
        buffer.append("==> TCP state event: PID (on CPU): ")
        buffer.append(UInt64(tcp.cpu_tgid))
        buffer.append(", Command (on CPU): ")
        _ = JSONText.write(record.name(MemoryLayout<mt_tcp>.offset(of: \.cpu_comm) ?? 0), to: &buffer)
        buffer.append(", Source Port: ")
        writeEnd(record.address(\.saddr), tcp.sport)
        buffer.append(", Destination Port: ")
        writeEnd(record.address(\.daddr), tcp.dport)
        buffer.append(", Old State: ")
        buffer.append(Self.state(tcp.old_state))
        buffer.append(", New State: ")
        buffer.append(Self.state(tcp.new_state))
        buffer.append(", Socket Info: [")
        writeSocket(tcp)
        buffer.append("]\n")
    }

    private mutating func writeEnd(_ address: UnsafeRawBufferPointer, _ port: UInt16) {
        AddressText.write(address, to: &buffer)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(UInt64(port))
    }

    /// tcp-audit shows zeros of a socket that has no file; its own words for "not known" are better.
    private mutating func writeSocket(_ tcp: mt_tcp) {
        guard tcp.marks & UInt32(MT_TCP_HAS_SOCKET) != 0 else { return buffer.append("<not available>") }
        buffer.append("ID: ")
        buffer.append(tcp.socket, base: 16)
        buffer.append(", INode: ")
        buffer.append(tcp.inode)
        buffer.append(", UID: ")
        buffer.append(UInt64(tcp.uid))
        buffer.append(", GID: ")
        buffer.append(UInt64(tcp.gid))
        buffer.append(", State: ")
        buffer.append(Self.socketState(tcp.socket_state))
    }

    /// What tcp-audit calls the state of a connection.
    package static func state(_ number: UInt8) -> StaticString {
        states.indices.contains(Int(number)) ? states[Int(number)] : "?"
    }

    /// What tcp-audit calls the state of a connection's socket.
    package static func socketState(_ number: UInt8) -> StaticString {
        socketStates[min(Int(number), socketStates.count - 1)]
    }

    /// RFC 793's names for the kernel's numbers.
    private static let states: [StaticString] = [
        "?", "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED", "CLOSE-WAIT",
        "LAST-ACK", "LISTEN", "CLOSING", "SYN-RECEIVED",
    ]

    private static let socketStates: [StaticString] = [
        "FREE", "UNCONNECTED", "CONNECTING", "CONNECTED", "DISCONNECTING",
    ]
}
