import CLibPQ
import Glibc

/// How soon we notice that the network to the server is dead: about 30 s.
enum Keepalive {
    /// The socket's options by libpq's names for them, seconds but for the last one, milliseconds.
    private static let options: [(name: String, option: Int32, value: Int32)] = [
        ("keepalives_idle", Int32(TCP_KEEPIDLE), 10), ("keepalives_interval", Int32(TCP_KEEPINTVL), 5),
        ("keepalives_count", Int32(TCP_KEEPCNT), 4), ("tcp_user_timeout", Int32(TCP_USER_TIMEOUT), 30000),
    ]

    /// Sets on the connection's socket what the user has not. Given to libpq before the user's string, they would win over
    /// a service file.
    static func set(_ connection: OpaquePointer) {
        guard let given = PQconninfo(connection) else { return }
        defer { PQconninfoFree(given) }
        var isSet: Set<String> = []
        var entry = given
        while let keyword = entry.pointee.keyword {
            if let value = entry.pointee.val, value.pointee != 0 { isSet.insert(String(cString: keyword)) }
            entry += 1
        }
        for (name, option, value) in options where !isSet.contains(name) {
            var value = value
            // A unix socket has none of these, and needs none.
            _ = setsockopt(
                PQsocket(connection),
                Int32(IPPROTO_TCP),
                option,
                &value,
                socklen_t(MemoryLayout<Int32>.size)
            )
        }
    }
}
