import CLibPQ
import Glibc

/// How soon both ends notice that the network between them is dead: about 30 s.
enum Keepalive {
    /// The socket's options by libpq's names for them, seconds but for the last one, milliseconds.
    private static let options: [(name: String, option: Int32, value: Int32)] = [
        ("keepalives_idle", Int32(TCP_KEEPIDLE), 10), ("keepalives_interval", Int32(TCP_KEEPINTVL), 5),
        ("keepalives_count", Int32(TCP_KEEPCNT), 4), ("tcp_user_timeout", Int32(TCP_USER_TIMEOUT), 30000),
    ]

    /// The same for the server's end, and how long it lets us wait for a lock. A transaction whose client is gone must not
    /// keep its stream locked for hours.
    private static let serverSettings = [
        ("lock_timeout", "10s"), ("tcp_keepalives_idle", "10"), ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "4"), ("tcp_user_timeout", "30s"), ("idle_in_transaction_session_timeout", "5min"),
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

    /// Sets at the server's end what is as it came from there: a user, a role and a database may have settings of their own.
    static func set(_ server: borrowing ServerConnection) throws(ServerError) {
        let values = serverSettings.map { "('\($0.0)', '\($0.1)')" }.joined(separator: ", ")
        try server.run(
            "SELECT set_config(s.name, v.value, false) FROM (VALUES \(values)) AS v (name, value) "
                + "JOIN pg_catalog.pg_settings s ON s.name = v.name WHERE s.source = 'default'"
        )
    }
}
