import Foundation
import Glibc
import PostgresLink

/// martlet-postgres as a process, with the agent's end of its socket.
final class Helper {
    let pid: pid_t
    /// Notices that came so far.
    private(set) var notices: [String] = []
    private var socket: PostgresSocket?
    private var status: Int32?
    /// The agent's end, for what is no message.
    private let descriptor: Int32

    /// Starts it with these variables and none that begin with PG from outside.
    init(_ variables: [String: String] = [:]) throws {
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw PostgresServer.Failure(description: "socketpair: \(errno)")
        }
        defer { Glibc.close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 3)
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PG") }
        let environment = inherited.merging(variables) { $1 }
        pid = try Spawn.start([try Products.helper()], &actions, environment: environment)
        descriptor = ends[0]
        socket = PostgresSocket(owning: ends[0])
    }

    deinit {
        guard status == nil else { return }
        kill()
    }

    func send(_ message: PostgresMessage) throws { try socket?.send(message) }

    /// Sends what may be no message.
    func send(bytes: [UInt8]) { _ = write(descriptor, bytes, bytes.count) }

    /// The next message that is no notice.
    func receive() throws -> PostgresMessage {
        let deadline = ContinuousClock.now + .seconds(60)
        while let message = try socket?.receive(isUrgent: { ContinuousClock.now > deadline }) {
            guard case .notice(let text) = message else { return message }
            notices.append(text)
        }
        throw PostgresServer.Failure(description: "the socket is closed")
    }

    /// Opens; the answer.
    func open(
        _ conninfo: String,
        _ layout: PostgresLayout = .martlet,
        stream: String = String(repeating: "ab", count: 16),
        retentionDays: UInt32 = 0
    ) throws -> PostgresMessage {
        var open = PostgresOpen()
        open.conninfo = conninfo
        open.layout = layout
        open.stream = stream
        open.host = "vm"
        open.retentionDays = retentionDays
        try send(.open(open))
        return try receive()
    }

    /// Sends a whole transaction; the answer.
    func transact(
        _ copies: [(PostgresRelation, [UInt8])],
        days: [Int32] = [Rows.today],
        to frame: UInt64
    ) throws -> PostgresMessage {
        try send(.begin)
        try send(.days(days))
        for (relation, rows) in copies { try send(.copy(relation, rows)) }
        try send(.commit(PostgresPosition(frame: frame, events: 0)))
        return try receive()
    }

    /// Closes the agent's end; the status that it exits with.
    func close() -> Int32 {
        socket = nil
        return wait()
    }

    func kill() {
        Glibc.kill(pid, SIGKILL)
        _ = wait()
    }

    /// Waits until it ends; the status that it exits with, or below zero the signal.
    func wait() -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0 && errno == EINTR {}
        let result = raw & 0x7f == 0 ? raw >> 8 & 0xff : -(raw & 0x7f)
        status = result
        return result
    }
}

extension PostgresMessage {
    /// What an open found; nil when it failed.
    var position: UInt64? {
        switch self {
        case .opened(let opened): opened.position.frame
        case .committed(let position): position.frame
        default: nil
        }
    }

    /// Why it failed; empty when it did not.
    var failureText: String { if case .failed(let failure) = self { failure.text } else { "" } }

    /// Whether rows or the server are to blame; nil when nothing failed.
    var reason: PostgresFailure.Reason? { if case .failed(let failure) = self { failure.reason } else { nil } }
}
