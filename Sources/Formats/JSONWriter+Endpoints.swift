import Model

/// Sockets, packets and addresses, as values of calls.
extension JSONWriter {
    mutating func sock(_ ends: CallEndpoints) {
        let body = ends.body
        open(.sock)
        known("family", body.family, Names.socketFamily)
        if body.type != 0 { known("type", body.type, Names.socketType) }
        known("protocol", body.protocol, Names.ipProtocol)
        number("mark", UInt64(body.mark))
        number("priority", UInt64(body.priority))
        addresses(ends)
        if body.address != 0 { scalar("cookie", .large(body.address)) }
        if body.state != 0 { known("state", body.state, Names.socketState) }
        close()
    }

    mutating func skb(_ ends: CallEndpoints) {
        let body = ends.body
        open(.skb)
        number("hash", UInt64(body.hash))
        number("len", UInt64(body.length))
        number("priority", UInt64(body.priority))
        number("mark", UInt64(body.mark))
        addresses(ends)
        number("proto", UInt64(body.protocol))
        number("sec_path_len", UInt64(body.sec_path_length))
        number("sec_path_olen", UInt64(body.sec_path_outer))
        known("protocol", body.protocol, Names.ipProtocol)
        known("family", body.family, Names.socketFamily)
        close()
    }

    mutating func sockaddr(_ ends: CallEndpoints) {
        open(.sockaddr)
        known("family", ends.body.family, Names.socketFamily)
        if let address = ends.source { scalar("addr", .address(address)) }
        number("port", UInt64(ends.body.sport))
        close()
    }

    private mutating func addresses(_ ends: CallEndpoints) {
        if let source = ends.source { scalar("saddr", .address(source)) }
        if let destination = ends.destination { scalar("daddr", .address(destination)) }
        number("sport", UInt64(ends.body.sport))
        number("dport", UInt64(ends.body.dport))
    }

    /// By its name, or in decimal.
    private mutating func known(_ field: StaticString, _ value: UInt16, _ name: (UInt16) -> StaticString?) {
        if let name = name(value) { self.name(field, name) } else { scalar(field, .number(Int64(value))) }
    }
}
