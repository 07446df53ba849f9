import CLibPQ

/// Why a server, or libpq before it came to one, refused something.
struct ServerError: Error {
    /// SQLSTATE; empty when it is no server that says so.
    let state: String
    /// One line, without passwords.
    let message: String

    /// Of our own.
    init(_ message: String, state: String = "") {
        self.message = Self.line(message)
        self.state = state
    }

    /// What the server said of a statement, or what became of the connection meanwhile.
    init(_ result: borrowing ServerResult, _ connection: OpaquePointer) {
        state = result.errorField("C") ?? ""
        guard let primary = result.errorField("M") else {
            message = Self.line(String(cString: PQerrorMessage(connection)))
            return
        }
        // The detail says which key or limit; the context which row and column, and behind a colon what stands there.
        let place = result.errorField("W")?.prefix { $0 != ":" }
        let more = [result.errorField("D")?.prefix(200), place].compactMap(\.self).map { " (\($0))" }
        message = Self.line(primary + more.joined())
    }

    /// What libpq said of the connection.
    init(connection: OpaquePointer?) {
        state = ""
        message = Self.line(connection.map { String(cString: PQerrorMessage($0)) } ?? "out of memory")
    }

    /// Whether the rows are to blame, rather than the server's state: their values, keys, or size.
    var isOfRows: Bool { ["21", "22", "23", "54"].contains(state.prefix(2)) }

    /// What to do about it, where that can be said.
    var hint: String? {
        switch state {
        case "25006":
            "it takes no writes: connect to the primary (target_session_attrs=read-write), and look at "
                + "default_transaction_read_only"
        case "42501": "let the role own the schema, or grant what is missing (docs/sinks.md has the SQL)"
        case "53100", "53200": "make room on the server"
        case "53300": "raise max_connections, or end other sessions"
        case "55P03": "another session holds it: pg_locks and pg_stat_activity tell which"
        case "57014": "look at statement_timeout of this role and database"
        case "57P01", "57P02", "57P03": "the server stops or starts"
        case "42P07": "a table of this name is not martlet's: rename it, or the schema, and a new one is made"
        case "42P01", "42703", "42804", "42P10":
            "the tables are not as martlet makes them: rename the schema, and a new one is made"
        case _ where state.isEmpty || isOfRows: nil
        default: "SQLSTATE \(state)"
        }
    }

    /// Without line ends and other control characters.
    private static func line(_ text: String) -> String {
        text.unicodeScalars.split { $0.value < 0x20 || $0.value == 0x7f }
            .map { String($0).drop { $0 == " " } }.filter { !$0.isEmpty }.joined(separator: "; ")
    }
}
