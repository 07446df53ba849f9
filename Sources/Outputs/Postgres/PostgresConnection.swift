import Glibc
import Logging
import PostgresLink

/// Why a transaction did not become one.
enum PostgresProblem: Error, Equatable {
    /// `isUrgent` said so: what the helper did with what it has is not known.
    case abandoned
    /// The helper has gone, or is none of ours.
    case gone(String)
    /// Another time it may go.
    case unavailable(String)
    /// These rows are refused.
    case rows(String)
}

/// A conversation with one martlet-postgres, from its launch to its end.
final class PostgresConnection {
    private let socket: PostgresSocket
    private let name: String
    private let logger: Logger
    private var hasOpened = false

    /// Starts the helper.
    init(_ launcher: any ProgramLaunching, name: String, logger: Logger) throws(PostgresProblem) {
        self.name = name
        self.logger = logger
        do throws(LaunchFailure) {
            socket = PostgresSocket(owning: try launcher.launch())
        } catch {
            throw .gone(Self.text(error))
        }
    }

    private static func text(_ failure: LaunchFailure) -> String {
        switch failure.errno {
        case ENOENT:
            "martlet-postgres is not installed: neither beside martlet nor as \(failure.path)"
        case EACCES: "\(failure.path): the agent's user may not execute it"
        case EPIPE: "the process that starts martlet-postgres has ended; restart the agent"
        default: "\(failure.path) cannot be executed: \(String(cString: strerror(failure.errno)))"
        }
    }

    /// Connects to the database, as often as one likes: it is how a failed transaction is left behind.
    func open(_ open: PostgresOpen, _ isUrgent: () -> Bool) throws(PostgresProblem) -> PostgresOpened {
        try send(.open(open), isUrgent)
        guard case .opened(let opened) = try receive(isUrgent) else { throw malformed }
        hasOpened = true
        return opened
    }

    /// Ends a transaction, and waits until it is one.
    func commit(_ position: PostgresPosition, _ isUrgent: () -> Bool) throws(PostgresProblem) {
        try send(.commit(position), isUrgent)
        guard case .committed(position) = try receive(isUrgent) else { throw malformed }
    }

    /// Sends a part of a transaction, unless the helper has said already that it fails.
    func send(_ message: PostgresMessage, _ isUrgent: () -> Bool) throws(PostgresProblem) {
        while socket.isReadable() {
            if try !isNotice(next(isUrgent)) { throw malformed }
        }
        do throws(PostgresSocket.Failure) {
            try socket.send(message, isUrgent: isUrgent)
        } catch .closed {
            // Its last words may lie there still.
            while true {
                if try !isNotice(next(isUrgent)) { throw malformed }
            }
        } catch {
            throw problem(error)
        }
    }

    private func receive(_ isUrgent: () -> Bool) throws(PostgresProblem) -> PostgresMessage {
        while true {
            let message = try next(isUrgent)
            if !isNotice(message) { return message }
        }
    }

    /// The next message, unless it is that something failed.
    private func next(_ isUrgent: () -> Bool) throws(PostgresProblem) -> PostgresMessage {
        let message: PostgresMessage
        do throws(PostgresSocket.Failure) {
            message = try socket.receive(isUrgent: isUrgent)
        } catch {
            throw problem(error)
        }
        guard case .failed(let failure) = message else { return message }
        throw failure.reason == .rows ? .rows(failure.text) : .unavailable(failure.text)
    }

    private func isNotice(_ message: PostgresMessage) -> Bool {
        guard case .notice(let text) = message else { return false }
        logger.notice("\(name): \(text)")
        return true
    }

    private func problem(_ failure: PostgresSocket.Failure) -> PostgresProblem {
        switch failure {
        case .abandoned: .abandoned
        case .malformed: malformed
        case .system(let number): .gone("martlet-postgres: \(String(cString: strerror(number)))")
        case .closed where hasOpened: .gone("martlet-postgres ended; it is started again")
        case .closed:
            .gone(
                "martlet-postgres ended before it had opened the database: it needs libpq (Debian: libpq5, Fedora: "
                    + "libpq), and to be of the same version as martlet"
            )
        }
    }

    private var malformed: PostgresProblem {
        .gone("martlet-postgres is of another version than martlet: install both of one package")
    }
}
