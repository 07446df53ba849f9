import PostgresLink

/// Does what the agent says, message by message, until its end of the socket is closed.
///
/// Calls of libpq block: until a lock, a dead network or the server's answer ends them, the agent's end is not looked at.
/// What a helper that is left behind does by then is a whole transaction or nothing, and its stream is locked meanwhile.
final class Session {
    private let socket: PostgresSocket
    private var database: Database?
    /// Set between an open that went well and the next failure: else nothing but an open is listened to.
    private var isListening = false

    /// Takes over the socket to the agent.
    init(_ socket: consuming PostgresSocket) { self.socket = socket }

    /// Serves the agent; the status to exit with. An end of the connection takes back what is not committed.
    func run() -> Int32 {
        // Said good-bye to, a server has nothing to log.
        defer { database = nil }
        if let version = Startup.agentVersion(), version != PostgresMessage.version {
            return refuse("martlet speaks protocol \(version), martlet-postgres \(PostgresMessage.version)")
        }
        while true {
            do throws(PostgresSocket.Failure) {
                let replies = handle(try socket.receive())
                for reply in replies { try socket.send(reply) }
                if case .committed? = replies.last { try keepUp() }
                if case .opened? = replies.last { try keepUp() }
            } catch {
                guard error == .malformed else { return 0 }
                return refuse("what martlet sent is no message of protocol \(PostgresMessage.version)")
            }
        }
    }

    /// Tells why, for the last time: where the next message begins is not known.
    private func refuse(_ text: String) -> Int32 {
        let advice = "install martlet and martlet-postgres of one version"
        try? socket.send(.failed(PostgresFailure(.unavailable, "\(text): \(advice)")))
        return 65
    }

    private func handle(_ message: PostgresMessage) -> [PostgresMessage] {
        do throws(Refusal) {
            if case .open(let open) = message { return try reopen(open) }
            guard isListening, let database else { return [] }
            switch message {
            case .begin: try database.begin()
            case .days(let days): try database.prepare(days)
            case .copy(let relation, let rows): try database.copy(relation, rows)
            case .commit(let position):
                try database.commit(position)
                return [.committed(position)]
            default: throw Refusal("martlet sent a message that is not its to send: report this as a mistake in it")
            }
            return []
        } catch {
            isListening = false
            // After anything else the connection, or what is known of the tables, may be of no more use.
            if error.failure.reason != .rows || database?.rollBack() != true { database = nil }
            return [.failed(error.failure)]
        }
    }

    /// The connection that is there is taken where it serves, or a new one made.
    private func reopen(_ open: PostgresOpen) throws(Refusal) -> [PostgresMessage] {
        isListening = false
        if let database, database.reopen(open) {
            isListening = true
            return [.opened(database.opened)]
        }
        // First, so that its locks are gone.
        database = nil
        let database = try Database(open)
        self.database = database
        isListening = true
        return database.takeNotices().map { .notice($0) } + [.opened(database.opened)]
    }

    /// What is to be done between transactions; what goes wrong with it is no failure of what was delivered.
    private func keepUp() throws(PostgresSocket.Failure) {
        guard let database else { return }
        database.keepUp()
        for notice in database.takeNotices() { try socket.send(.notice(notice)) }
    }
}
