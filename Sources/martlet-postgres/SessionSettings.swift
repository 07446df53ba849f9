/// What we want of a session at the server's end, unless a user, a role, a database or its administrator has said otherwise.
enum SessionSettings {
    // A transaction whose client is gone must not keep its stream locked for hours.
    private static let wanted = [
        ("lock_timeout", "10s"), ("tcp_keepalives_idle", "10"), ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "4"), ("tcp_user_timeout", "30s"), ("idle_in_transaction_session_timeout", "5min"),
        // A process' details are 3 kB of JSON: the older method takes most of the time that a row takes.
        ("default_toast_compression", "lz4"),
    ]

    /// Sets what is as the server was built with.
    static func set(_ server: borrowing ServerConnection) throws(ServerError) {
        let values = wanted.map { "('\($0.0)', '\($0.1)')" }.joined(separator: ", ")
        try server.run(
            "SELECT set_config(s.name, v.value, false) FROM (VALUES \(values)) AS v (name, value) "
                + "JOIN pg_catalog.pg_settings s ON s.name = v.name WHERE s.source = 'default' "
                // A server may be built without one of these values.
                + "AND (s.enumvals IS NULL OR v.value = ANY (s.enumvals))"
        )
    }
}
