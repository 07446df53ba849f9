import CWire
import Formats
import Model
import PostgresLink

/// Rows of tcp-audit's two tables, in the text form of COPY; of events that tcp-audit does not know there are none.
final class TCPAuditRows: PostgresRows {
    /// Columns of 32 bits take no larger number: such a one is NULL there.
    private let hasNarrowColumns: Bool
    private var events = TextBuffer(capacity: TCPAuditRows.piece + TCPAuditRows.piece / 8)
    private var sockets = TextBuffer(capacity: TCPAuditRows.piece + TCPAuditRows.piece / 8)
    private var times = Timestamp()
    private var scratch = TextBuffer(capacity: 64)

    init(hasNarrowColumns: Bool) { self.hasNarrowColumns = hasNarrowColumns }

    func begin(_ origin: StreamOrigin) {}

    var isFull: Bool { events.count >= Self.piece || sockets.count >= Self.piece }

    func take() -> [PostgresMessage] {
        var messages: [PostgresMessage] = []
        if events.count > 0 { messages.append(.copy(.tcpEvents, Array(events.bytes))) }
        if sockets.count > 0 { messages.append(.copy(.tcpEventsSocketInfo, Array(sockets.bytes))) }
        forget()
        return messages
    }

    func forget() {
        events.clear()
        sockets.clear()
    }

    func add(_ event: borrowing Event, _ record: Record) {
        guard TCPAuditFormat.has(event.kind, record) else { return }
        let tcp = record.tcp.pointee
        let id = events.count
        RandomID.write(to: &events)
        let name = id..<events.count
        tab()
        times.write(event.time, to: &events)
        // Nanoseconds would be rounded, up into the next second at times, and of a zone there is none.
        events.truncate(to: events.count - 4)
        tab()
        events.append(UInt64(tcp.cpu_tgid))
        tab()
        writeText(record.name(MemoryLayout<mt_tcp>.offset(of: \.cpu_comm) ?? 0))
        tab()
        AddressText.write(record.address(\.saddr), to: &events)
        tab()
        AddressText.write(record.address(\.daddr), to: &events)
        tab()
        events.append(UInt64(tcp.sport))
        tab()
        events.append(UInt64(tcp.dport))
        tab()
        events.append(TCPAuditFormat.state(tcp.old_state))
        tab()
        events.append(TCPAuditFormat.state(tcp.new_state))
        events.append(UInt8(ascii: "\n"))
        if tcp.marks & UInt32(MT_TCP_HAS_SOCKET) != 0 { addSocket(tcp, of: name) }
    }

    private func tab() { events.append(UInt8(ascii: "\t")) }

    /// Text from outside, with what separates columns and rows escaped.
    private func writeText(_ text: UnsafeRawBufferPointer) {
        scratch.clear()
        PlainText.write(text, to: &scratch)
        for byte in scratch.bytes {
            switch byte {
            case UInt8(ascii: "\\"): events.append(#"\\"#)
            case UInt8(ascii: "\t"): events.append(#"\t"#)
            case UInt8(ascii: "\n"): events.append(#"\n"#)
            case UInt8(ascii: "\r"): events.append(#"\r"#)
            default: events.append(byte)
            }
        }
    }

    private func addSocket(_ tcp: mt_tcp, of event: Range<Int>) {
        RandomID.write(to: &sockets)
        sockets.append(UInt8(ascii: "\t"))
        sockets.append(UnsafeRawBufferPointer(rebasing: events.bytes[event]))
        sockets.append(UInt8(ascii: "\t"))
        sockets.append(tcp.socket, base: 16)
        for number in [tcp.inode, UInt64(tcp.uid), UInt64(tcp.gid)] {
            sockets.append(UInt8(ascii: "\t"))
            if hasNarrowColumns ? number <= UInt64(Int32.max) : number <= UInt64(Int64.max) {
                sockets.append(number)
            } else {
                sockets.append(#"\N"#)
            }
        }
        sockets.append(UInt8(ascii: "\t"))
        sockets.append(TCPAuditFormat.socketState(tcp.socket_state))
        sockets.append(UInt8(ascii: "\n"))
    }
}
