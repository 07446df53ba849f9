/// A table that rows are copied into, with the columns in the order in which rows have them.
package enum PostgresRelation: UInt8, Sendable, CaseIterable {
    /// The programs that ran, each once a day.
    case executions = 0
    case events = 1
    /// tcp-audit's two.
    case tcpEvents = 2
    case tcpEventsSocketInfo = 3

    /// How COPY is told that rows look.
    package enum Form: Sendable {
        case binary, text
    }

    package var form: Form {
        switch self {
        case .executions, .events: .binary
        // An older table may have narrower columns: text fits both.
        case .tcpEvents, .tcpEventsSocketInfo: .text
        }
    }

    /// Names and types of the columns. Binary rows must have exactly these types.
    package var columns: [(name: String, type: String)] {
        switch self {
        case .executions:
            [
                ("day", "date"), ("exec_id", "text"), ("parent_exec_id", "text"), ("host", "text"), ("pid", "bigint"),
                ("started", "timestamptz"), ("binary", "text"), ("container", "text"), ("pod", "text"),
                ("process", "jsonb"), ("detail", "jsonb"),
            ]
        case .events:
            [
                ("time", "timestamptz"), ("kind", "text"), ("host", "text"), ("boot", "uuid"),
                ("agent_start", "bigint"),
                ("cpu", "integer"), ("sequence", "bigint"), ("pid", "bigint"), ("tid", "bigint"), ("uid", "bigint"),
                ("exec_id", "text"), ("parent_exec_id", "text"), ("binary", "text"), ("container", "text"),
                ("pod", "text"),
                ("path", "text"), ("src_addr", "inet"), ("src_port", "integer"), ("dst_addr", "inet"),
                ("dst_port", "integer"), ("late", "boolean"), ("detail", "jsonb"),
            ]
        case .tcpEvents:
            [
                ("uid", "TEXT"), ("timestamp", "TIMESTAMP"), ("pid_on_cpu", "BIGINT"), ("comm_on_cpu", "TEXT"),
                ("src_ip", "INET"), ("dst_ip", "INET"), ("src_port", "INTEGER"), ("dst_port", "INTEGER"),
                ("old_state", "TEXT"), ("new_state", "TEXT"),
            ]
        case .tcpEventsSocketInfo:
            [
                ("uid", "TEXT"), ("tcp_event_uid", "TEXT"), ("id", "TEXT"), ("inode", "BIGINT"), ("user_id", "BIGINT"),
                ("group_id", "BIGINT"), ("state", "TEXT"),
            ]
        }
    }
}
