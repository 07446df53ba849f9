import CWire
import Model

/// What bpfd's `tcpdrop` tells of a packet, in its words; numbers are those of the machine, which bpfd forgets to turn around.
enum BPFDDrop {
    private static let addresses: [Bool: @Sendable (Record) -> FieldValue] = [
        true: Fields.reader("saddr", of: .tcpDrop), false: Fields.reader("daddr", of: .tcpDrop),
    ]

    /// In the order of include/net/tcp_states.h, from 1 on.
    private static let states: [StaticString] = [
        "ESTABLISHED", "SYNSENT", "SYNRECV", "FINWAIT1", "FINWAIT2", "TIMEWAIT", "CLOSE", "CLOSEWAIT", "LASTACK",
        "LISTEN",
        "CLOSING", "NEWSYNRECV",
    ]

    private static let flags = NameTable(
        separator: " | ",
        [
            (0x01, "FIN"), (0x02, "SYN"), (0x04, "RST"), (0x08, "PSH"), (0x10, "ACK"), (0x20, "URG"), (0x40, "ECE"),
            (0x80, "CWR"),
        ]
    )

    /// Appends one of its keys' texts; false: the packet does not tell.
    static func append(_ key: BPFDKey, _ record: Record, to buffer: inout TextBuffer) -> Bool {
        let drop = record.tcpDrop.pointee
        let hasHeader = drop.marks & UInt32(MT_TCP_DROP_NO_HEADER) == 0
        switch key {
        case .saddr, .daddr:
            guard let value = addresses[key == .saddr]?(record) else { return false }
            _ = ScalarText.write(value, to: &buffer)
            return true
        case .state:
            guard (1...states.count).contains(Int(drop.state)) else { return false }
            buffer.append(states[Int(drop.state) - 1])
            return true
        case .sport where hasHeader: buffer.append(UInt64(drop.sport))
        case .dport where hasHeader: buffer.append(UInt64(drop.dport))
        case .tcpflags where hasHeader: ScalarText.join(UInt64(drop.flags), flags, to: &buffer)
        case .seq where hasHeader: buffer.append(UInt64(drop.seq))
        // bpfd's is that of the IP packet with both headers; this is what follows them.
        case .len where hasHeader: buffer.append(UInt64(drop.payload))
        default: return false
        }
        return true
    }
}
