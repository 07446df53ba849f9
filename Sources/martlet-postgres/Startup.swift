import Glibc
import PostgresLink

/// What is looked at and set before the first message.
enum Startup {
    /// Where the socket to the agent is.
    static let descriptor: Int32 = 3

    /// Whether this descriptor is a stream socket.
    static func isStreamSocket(_ descriptor: Int32) -> Bool {
        var type: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == Int32(SOCK_STREAM.rawValue)
    }

    /// Signals that a terminal or service manager sends to all at once are the agent's to take: it may still deliver, and
    /// closes its end when it has done so. Environment: how long to wait for a server, unless the user has said so.
    static func prepareProcess() {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        setenv("PGCONNECT_TIMEOUT", "10", 0)
    }

    /// Says why it does not run, and ends with the status for wrong use.
    static func refuse(_ text: String) -> Never {
        let line = text + "\n"
        _ = write(STDERR_FILENO, line, line.utf8.count)
        exit(64)
    }

    /// The protocol version of the agent, from its first message, which stays to be read; nil when that is no open.
    static func agentVersion() -> UInt32? {
        let size = PostgresMessage.headerSize + MemoryLayout<UInt32>.size
        var bytes = [UInt8](repeating: 0, count: size)
        var got = -1
        repeat {
            got = recv(descriptor, &bytes, size, Int32(MSG_PEEK) | Int32(MSG_WAITALL))
        } while got < 0 && errno == EINTR
        guard got == size, bytes[PostgresMessage.headerSize - 1] == 1 else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: PostgresMessage.headerSize, as: UInt32.self) }
    }
}
