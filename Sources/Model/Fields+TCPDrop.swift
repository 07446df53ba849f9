import CWire

extension Fields {
    private static let packet = "the packet's own header"
    private static let socket = "struct sock_common, when the packet is dropped"

    static let tcpDrop: [Field] = [
        Field(
            "reason",
            "string",
            "Why, as the kernel's enum skb_drop_reason calls it without SKB_DROP_REASON_; absent before Linux 5.17, and where "
                + "the number has no name in it.",
            from: "the tracepoint; its name: the kernel's BTF"
        ) { record in
            let name = record.name(MemoryLayout<mt_tcp_drop>.offset(of: \.reason_name) ?? 0, capacity: 32)
            return name.isEmpty ? .absent : .text(name)
        },
        Field("reason_number", "number", "The same as a number of this kernel's.", from: "the tracepoint") {
            $0.tcpDrop.pointee.reason == 0 ? .absent : .number(Int64($0.tcpDrop.pointee.reason))
        },
        Field("family", "string", "AF_INET or AF_INET6.", from: packet) {
            $0.tcpDrop.pointee.family == 10 ? .name("AF_INET6") : .name("AF_INET")
        },
        Field("saddr", "IP address", "Where the packet came from.", from: packet) { record in
            .address(record.dropAddress(\.saddr))
        },
        Field("sport", "number", "Its port.", from: packet) { header($0) { .number(Int64($0.sport)) } },
        Field("daddr", "IP address", "Where it was to go.", from: packet) { record in
            .address(record.dropAddress(\.daddr))
        },
        Field("dport", "number", "Its port.", from: packet) { header($0) { .number(Int64($0.dport)) } },
        Field("flags", "string", "FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, joined by |.", from: packet) {
            header($0) { .words(UInt64($0.flags), flagNames) }
        },
        Field("seq", "number", "The sequence number.", from: packet) { header($0) { .number(Int64($0.seq)) } },
        Field("payload", "number", "How many bytes followed the TCP header.", from: packet) {
            header($0) { .number(Int64($0.payload)) }
        },
        Field(
            "state",
            "string",
            "That of the socket which the packet had come to, or came from; absent where there was none. Before Linux 6.11 "
                + "the kernel seldom tells which one that is for a packet that comes in.",
            from: socket
        ) { Names.tcpState($0.tcpDrop.pointee.state).map { .name($0) } ?? .absent },
        Field(
            "on_cpu.pid",
            "number",
            "The process that was running: often nobody who has to do with it.",
            from: "current"
        ) { .number(Int64($0.tcpDrop.pointee.cpu_tgid)) },
        Field("on_cpu.tid", "number", "Its thread.", from: "current") { .number(Int64($0.tcpDrop.pointee.cpu_tid)) },
        Field("on_cpu.comm", "string", "The thread's name.", from: "current") { record in
            .text(record.name(MemoryLayout<mt_tcp_drop>.offset(of: \.cpu_comm) ?? 0))
        },
        Field("socket.id", "string", "The kernel's address of it, in hexadecimal, as in process_tcp.", from: socket) {
            $0.tcpDrop.pointee.socket == 0 ? .absent : .hexadecimal($0.tcpDrop.pointee.socket)
        },
        Field(
            "netns",
            "number",
            "The network namespace's inode number; absent where neither socket nor device tells.",
            from: "struct sock_common, or the packet's net_device"
        ) { $0.tcpDrop.pointee.netns == 0 ? .absent : .number(Int64($0.tcpDrop.pointee.netns)) },
        Field(
            "marks",
            "list of strings",
            "no_header (a later fragment, or its TCP header lies apart: ports, flags, seq and payload are absent).",
            from: "the kernel program"
        ) { .list(UInt64($0.tcpDrop.pointee.marks), markNames) },
    ]

    private static func header(_ record: Record, _ value: (mt_tcp_drop) -> FieldValue) -> FieldValue {
        let drop = record.tcpDrop.pointee
        return drop.marks & UInt32(MT_TCP_DROP_NO_HEADER) == 0 ? value(drop) : .absent
    }

    private static let flagNames = NameTable(
        separator: "|",
        [
            (0x01, "FIN"), (0x02, "SYN"), (0x04, "RST"), (0x08, "PSH"), (0x10, "ACK"), (0x20, "URG"), (0x40, "ECE"),
            (0x80, "CWR"),
        ]
    )

    private static let markNames = NameTable([(UInt64(MT_TCP_DROP_NO_HEADER), "no_header")])
}
