import Foundation
import Glibc
import Outputs
import PostgresLink

/// What answers where martlet-postgres would: it speaks its messages, and keeps what it is sent in memory.
///
/// For what a real server does at no particular moment; that the real one takes the rows is tested with a real one.
final class FakeDatabase: ProgramLaunching, @unchecked Sendable {
    struct Transaction {
        var days: [Int32] = []
        var copies: [(relation: PostgresRelation, rows: [UInt8])] = []
        var position = PostgresPosition(frame: 0, events: 0)

        /// The columns of all rows of a relation, by name.
        func rows(_ relation: PostgresRelation) -> [Row] {
            copies.filter { $0.relation == relation }.flatMap { Row.all(relation, $0.rows) }
        }
    }

    /// What the helper does at a message of the agent's, instead of what it should.
    enum Fault {
        case end, foreign, late
        case fail(PostgresFailure)
        case notice(String)
    }

    private let lock = NSLock()
    private var _transactions: [Transaction] = []
    private var _opens: [PostgresOpen] = []
    private var _launches = 0
    private var _position = PostgresPosition(frame: 0, events: 0)
    private var _fault: (PostgresMessage) -> Fault? = { _ in nil }
    private var _hasNarrowColumns = false
    private var _failure: LaunchFailure?

    private func locked<Value>(_ body: () -> Value) -> Value {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }

    var transactions: [Transaction] { locked { _transactions } }
    var opens: [PostgresOpen] { locked { _opens } }
    var launches: Int { locked { _launches } }
    var position: PostgresPosition {
        get { locked { _position } }
        set { locked { _position = newValue } }
    }
    var hasNarrowColumns: Bool {
        get { locked { _hasNarrowColumns } }
        set { locked { _hasNarrowColumns = newValue } }
    }
    /// Why it does not start.
    var failure: LaunchFailure? {
        get { locked { _failure } }
        set { locked { _failure = newValue } }
    }
    /// Asked at each message.
    func setFault(_ fault: @escaping (PostgresMessage) -> Fault?) { locked { _fault = fault } }

    func rows(_ relation: PostgresRelation) -> [Row] { transactions.flatMap { $0.rows(relation) } }

    func launch() throws(LaunchFailure) -> Int32 {
        if let failure { throw failure }
        var ends: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        locked { _launches += 1 }
        let end = ends[1]
        Thread.detachNewThread { self.serve(PostgresSocket(owning: end)) }
        return ends[0]
    }

    private func serve(_ socket: consuming PostgresSocket) {
        var transaction = Transaction()
        var isFailed = true
        while let message = try? socket.receive() {
            if isFailed, !Self.isOpen(message) { continue }
            switch locked({ _fault(message) }) {
            case .end: return
            case .foreign:
                try? socket.send(.begin)
                continue
            case .late:
                usleep(300_000)
            case .fail(let failure):
                isFailed = true
                try? socket.send(.failed(failure))
                continue
            case .notice(let text): try? socket.send(.notice(text))
            case nil: break
            }
            switch message {
            case .open(let open):
                isFailed = false
                let opened = locked {
                    _opens.append(open)
                    return PostgresOpened(
                        position: _position,
                        hasNarrowColumns: _hasNarrowColumns,
                        serverVersion: "17.0"
                    )
                }
                try? socket.send(.opened(opened))
            case .begin: transaction = Transaction()
            case .days(let days): transaction.days += days
            case .copy(let relation, let rows): transaction.copies.append((relation, rows))
            case .commit(let position):
                transaction.position = position
                locked {
                    _transactions.append(transaction)
                    _position = position
                }
                try? socket.send(.committed(position))
            default: return
            }
        }
    }

    private static func isOpen(_ message: PostgresMessage) -> Bool {
        if case .open = message { true } else { false }
    }
}
