import CWire

extension Fields {
    private static let socketNow = "struct sock, in the transition or when the call returns"
    private static let socketFile = "sk->sk_socket and its inode"
    private static let closing = "struct tcp_sock, when the connection closes"

    static let tcp: [Field] = [
        Field(
            "operation",
            "string",
            "state: the socket's state changed; connect: a call that failed; accept: a call that returned a connection; "
                + "snapshot: was there when the agent started.",
            from: "the kernel program"
        ) {
            .name((["state", "connect", "accept", "snapshot"] as [StaticString])[Int(min($0.tcp.pointee.call, 3))])
        },
        Field("old_state", "string", "The state before, of a change.", from: "the tracepoint") {
            $0.tcp.pointee.call == MT_TCP_STATE.rawValue ? state($0.tcp.pointee.old_state) : .absent
        },
        Field(
            "state",
            "string",
            "The state after the change, or as it was found.",
            from: "the tracepoint; \(socketNow)"
        ) {
            state($0.tcp.pointee.new_state)
        },
        Field("family", "string", "AF_INET or AF_INET6; IPv4 over an IPv6 socket is AF_INET.", from: socketNow) {
            $0.tcp.pointee.family == 10 ? .name("AF_INET6") : .name("AF_INET")
        },
        Field("protocol", "string", "IPPROTO_TCP, or IPPROTO_MPTCP for a multipath connection itself.", from: socketNow)
        { $0.tcp.pointee.protocol == 262 ? .name("IPPROTO_MPTCP") : .name("IPPROTO_TCP") },
        Field("saddr", "IP address", "The local address.", from: socketNow) { record in
            .address(record.address(\.saddr))
        },
        Field("sport", "number", "The local port; absent while there is none.", from: socketNow) {
            port($0.tcp.pointee.sport)
        },
        Field(
            "daddr",
            "IP address",
            "The other end's address; absent while there is none.",
            from: "\(socketNow); connect that failed: the caller's memory"
        ) { $0.tcp.pointee.dport == 0 ? .absent : .address($0.address(\.daddr)) },
        Field("dport", "number", "The other end's port; absent while there is none.", from: "as daddr") {
            port($0.tcp.pointee.dport)
        },
        Field(
            "result",
            "number",
            "accept: the new descriptor; connect: minus the error number.",
            from: "the call's result"
        ) { has(MT_TCP_HAS_RESULT, $0) { .number(Int64($0.result)) } },
        Field(
            "error",
            "string",
            "Why connect failed, or what broke the connection; absent when nothing did.",
            from: "the call's result, or sk->sk_err"
        ) {
            let tcp = $0.tcp.pointee
            if tcp.call == MT_TCP_CONNECT.rawValue { return .errno(0 &- tcp.result) }
            return tcp.error == 0 ? .absent : .errno(tcp.error)
        },
        Field("on_cpu.pid", "number", "The process that was running: often the other end's.", from: "current") {
            onCPU($0) { .number(Int64($0.cpu_tgid)) }
        },
        Field("on_cpu.tid", "number", "Its thread.", from: "current") { onCPU($0) { .number(Int64($0.cpu_tid)) } },
        Field("on_cpu.comm", "string", "The thread's name.", from: "current") { record in
            onCPU(record) { _ in .text(record.name(MemoryLayout<mt_tcp>.offset(of: \.cpu_comm) ?? 0)) }
        },
        Field("socket.id", "string", "The kernel's address of it, in hexadecimal.", from: socketNow) {
            .hexadecimal($0.tcp.pointee.socket)
        },
        Field("socket.cookie", "number as string", "Absent until someone asked the kernel for one.", from: socketNow) {
            $0.tcp.pointee.cookie == 0 ? .absent : .large($0.tcp.pointee.cookie)
        },
        Field(
            "socket.inode",
            "number as string",
            "As in /proc/PID/fd; absent before accept and when nobody holds it any more, as are the next three.",
            from: socketFile
        ) { has(MT_TCP_HAS_SOCKET, $0) { .large($0.inode) } },
        Field("socket.uid", "number", "Who made it.", from: socketFile) {
            has(MT_TCP_HAS_SOCKET, $0) { .number(Int64($0.uid)) }
        },
        Field("socket.gid", "number", "Its group.", from: socketFile) {
            has(MT_TCP_HAS_SOCKET, $0) { .number(Int64($0.gid)) }
        },
        Field("socket.state", "string", "SS_UNCONNECTED, SS_CONNECTING, ….", from: socketFile) {
            has(MT_TCP_HAS_SOCKET, $0) { .name(socketStates[min(Int($0.socket_state), 4)]) }
        },
        Field("netns", "number", "The network namespace's inode number.", from: socketNow) {
            .number(Int64($0.tcp.pointee.netns))
        },
        Field("bytes_sent", "number as string", "Retransmissions included, in all.", from: closing) {
            has(MT_TCP_HAS_COUNTERS, $0) { .large($0.bytes_sent) }
        },
        Field("bytes_received", "number as string", "In all.", from: closing) {
            has(MT_TCP_HAS_COUNTERS, $0) { .large($0.bytes_received) }
        },
        Field("bytes_retransmitted", "number as string", "In all.", from: closing) {
            has(MT_TCP_HAS_COUNTERS, $0) { .large($0.bytes_retransmitted) }
        },
        Field("retransmits", "number", "Segments, in all.", from: closing) {
            has(MT_TCP_HAS_COUNTERS, $0) { .number(Int64($0.retransmits)) }
        },
        Field("rtt_us", "number", "Smoothed, microseconds; absent when none was measured.", from: closing) {
            has(MT_TCP_HAS_COUNTERS, $0) { $0.rtt == 0 ? .absent : .number(Int64($0.rtt)) }
        },
        Field(
            "marks",
            "list of strings",
            "mptcp (a subflow of a multipath connection, or such a connection), v4_mapped, owner_lost (there was no room to "
                + "remember the owner: raise --tcp-sockets).",
            from: "the kernel program"
        ) { .list(UInt64($0.tcp.pointee.marks), markNames) },
    ]

    private static func state(_ number: UInt8) -> FieldValue { Names.tcpState(number).map { .name($0) } ?? .absent }

    private static func port(_ number: UInt16) -> FieldValue { number == 0 ? .absent : .number(Int64(number)) }

    private static func has(_ mark: Int32, _ record: Record, _ value: (mt_tcp) -> FieldValue) -> FieldValue {
        record.tcp.pointee.marks & UInt32(mark) == 0 ? .absent : value(record.tcp.pointee)
    }

    /// Nobody was on the CPU that a snapshot could tell of.
    private static func onCPU(_ record: Record, _ value: (mt_tcp) -> FieldValue) -> FieldValue {
        record.tcp.pointee.call == MT_TCP_SNAPSHOT.rawValue ? .absent : value(record.tcp.pointee)
    }

    /// `include/uapi/linux/net.h`, `socket_state`
    private static let socketStates: [StaticString] = [
        "SS_FREE", "SS_UNCONNECTED", "SS_CONNECTING", "SS_CONNECTED", "SS_DISCONNECTING",
    ]

    private static let markNames = NameTable([
        (UInt64(MT_TCP_MPTCP), "mptcp"), (UInt64(MT_TCP_V4_MAPPED), "v4_mapped"),
        (UInt64(MT_TCP_OWNER_LOST), "owner_lost"),
    ])
}
