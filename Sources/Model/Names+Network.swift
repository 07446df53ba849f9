/// The kernel's names for what a socket is.
extension Names {
    /// `AF_INET` for 2; nil for a number without a name.
    package static func socketFamily(_ number: UInt16) -> StaticString? { entry(Int(number), families) }

    /// `SOCK_STREAM` for 1; nil for a number without a name.
    package static func socketType(_ number: UInt16) -> StaticString? { entry(Int(number), types) }

    /// `IPPROTO_TCP` for 6; nil for a number without a name.
    package static func ipProtocol(_ number: UInt16) -> StaticString? { protocols[number] }

    /// `TCP_ESTABLISHED` for 1; nil for a number without a name.
    package static func socketState(_ number: UInt16) -> StaticString? { entry(Int(number), states) }

    static func entry(_ index: Int, _ table: [StaticString]) -> StaticString? {
        guard table.indices.contains(index), table[index].utf8CodeUnitCount > 0 else { return nil }
        return table[index]
    }

    /// `include/linux/socket.h`
    private static let families: [StaticString] = [
        "AF_UNSPEC", "AF_UNIX", "AF_INET", "AF_AX25", "AF_IPX", "AF_APPLETALK", "AF_NETROM", "AF_BRIDGE", "AF_ATMPVC",
        "AF_X25", "AF_INET6", "AF_ROSE", "AF_DECnet", "AF_NETBEUI", "AF_SECURITY", "AF_KEY", "AF_NETLINK",
        "AF_PACKET", "AF_ASH", "AF_ECONET", "AF_ATMSVC", "AF_RDS", "AF_SNA", "AF_IRDA", "AF_PPPOX", "AF_WANPIPE",
        "AF_LLC", "AF_IB", "AF_MPLS", "AF_CAN", "AF_TIPC", "AF_BLUETOOTH", "AF_IUCV", "AF_RXRPC", "AF_ISDN",
        "AF_PHONET", "AF_IEEE802154", "AF_CAIF", "AF_ALG", "AF_NFC", "AF_VSOCK", "AF_KCM", "AF_QIPCRTR", "AF_SMC",
        "AF_XDP", "AF_MCTP",
    ]

    /// `include/linux/net.h`
    private static let types: [StaticString] = [
        "", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET", "SOCK_DCCP", "", "", "",
        "SOCK_PACKET",
    ]

    /// `include/net/tcp_states.h`; other sockets than TCP's use the same numbers.
    private static let states: [StaticString] = [
        "", "TCP_ESTABLISHED", "TCP_SYN_SENT", "TCP_SYN_RECV", "TCP_FIN_WAIT1", "TCP_FIN_WAIT2", "TCP_TIME_WAIT",
        "TCP_CLOSE", "TCP_CLOSE_WAIT", "TCP_LAST_ACK", "TCP_LISTEN", "TCP_CLOSING", "TCP_NEW_SYN_RECV",
    ]

    /// `include/uapi/linux/in.h`
    private static let protocols: [UInt16: StaticString] = [
        0: "IPPROTO_IP", 1: "IPPROTO_ICMP", 2: "IPPROTO_IGMP", 4: "IPPROTO_IPIP", 6: "IPPROTO_TCP", 8: "IPPROTO_EGP",
        12: "IPPROTO_PUP", 17: "IPPROTO_UDP", 22: "IPPROTO_IDP", 29: "IPPROTO_TP", 33: "IPPROTO_DCCP",
        41: "IPPROTO_IPV6", 46: "IPPROTO_RSVP", 47: "IPPROTO_GRE", 50: "IPPROTO_ESP", 51: "IPPROTO_AH",
        58: "IPPROTO_ICMPV6", 92: "IPPROTO_MTP", 94: "IPPROTO_BEETPH", 98: "IPPROTO_ENCAP", 103: "IPPROTO_PIM",
        108: "IPPROTO_COMP", 115: "IPPROTO_L2TP", 132: "IPPROTO_SCTP", 136: "IPPROTO_UDPLITE", 137: "IPPROTO_MPLS",
        143: "IPPROTO_ETHERNET", 255: "IPPROTO_RAW", 256: "IPPROTO_SMC", 262: "IPPROTO_MPTCP",
    ]
}
