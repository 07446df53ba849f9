/// The kernel's numbers of protocols, families and states by the names that policies have for them.
package enum NetworkNames {
    /// Protocols over IP (`include/uapi/linux/in.h`).
    package static let protocols: [String: UInt16] = [
        "IPPROTO_IP": 0, "IPPROTO_ICMP": 1, "IPPROTO_IGMP": 2, "IPPROTO_IPIP": 4, "IPPROTO_TCP": 6, "IPPROTO_EGP": 8,
        "IPPROTO_PUP": 12, "IPPROTO_UDP": 17, "IPPROTO_IDP": 22, "IPPROTO_TP": 29, "IPPROTO_DCCP": 33,
        "IPPROTO_IPV6": 41, "IPPROTO_RSVP": 46, "IPPROTO_GRE": 47, "IPPROTO_ESP": 50, "IPPROTO_AH": 51,
        "IPPROTO_ICMPV6": 58, "IPPROTO_MTP": 92, "IPPROTO_BEETPH": 94, "IPPROTO_ENCAP": 98, "IPPROTO_PIM": 103,
        "IPPROTO_COMP": 108, "IPPROTO_L2TP": 115, "IPPROTO_SCTP": 132, "IPPROTO_UDPLITE": 136, "IPPROTO_MPLS": 137,
        "IPPROTO_ETHERNET": 143, "IPPROTO_RAW": 255, "IPPROTO_MPTCP": 262,
    ]

    /// Families of addresses (`include/linux/socket.h`).
    package static let families: [String: UInt16] = {
        var families: [String: UInt16] = ["AF_LOCAL": 1, "AF_ROUTE": 16]
        for (number, name) in familyNames.enumerated() { families["AF_" + name] = UInt16(number) }
        return families
    }()

    private static let familyNames = [
        "UNSPEC", "UNIX", "INET", "AX25", "IPX", "APPLETALK", "NETROM", "BRIDGE", "ATMPVC", "X25", "INET6", "ROSE",
        "DECNET", "NETBEUI", "SECURITY", "KEY", "NETLINK", "PACKET", "ASH", "ECONET", "ATMSVC", "RDS", "SNA", "IRDA",
        "PPPOX", "WANPIPE", "LLC", "IB", "MPLS", "CAN", "TIPC", "BLUETOOTH", "IUCV", "RXRPC", "ISDN", "PHONET",
        "IEEE802154", "CAIF", "ALG", "NFC", "VSOCK", "KCM", "QIPCRTR", "SMC", "XDP", "MCTP",
    ]

    /// States of a TCP socket (`include/net/tcp_states.h`).
    package static let states: [String: UInt16] = [
        "TCP_ESTABLISHED": 1, "TCP_SYN_SENT": 2, "TCP_SYN_RECV": 3, "TCP_FIN_WAIT1": 4, "TCP_FIN_WAIT2": 5,
        "TCP_TIME_WAIT": 6, "TCP_CLOSE": 7, "TCP_CLOSE_WAIT": 8, "TCP_LAST_ACK": 9, "TCP_LISTEN": 10,
        "TCP_CLOSING": 11, "TCP_NEW_SYN_RECV": 12,
    ]
}
