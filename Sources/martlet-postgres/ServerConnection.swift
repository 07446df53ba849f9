import CLibPQ
import Glibc

/// A connection to a server; closed with its owner, which takes back what is not committed.
struct ServerConnection: ~Copyable {
    private let handle: OpaquePointer
    private static let piece = 1 << 17

    /// Connects as libpq would: what the string leaves open comes from the environment, service file and .pgpass.
    init(_ conninfo: String) throws(ServerError) {
        try ConnectionString.check(conninfo)
        // The later one wins: what a user may choose stands before the string, what we rely on behind it.
        let parameters = [
            ("fallback_application_name", "martlet"), ("dbname", conninfo), ("client_encoding", "UTF8"),
        ]
        let connection = Self.withStrings(parameters.map(\.0)) { names in
            Self.withStrings(parameters.map(\.1)) { values in PQconnectdbParams(names, values, 1) }
        }
        guard let connection else { throw ServerError(connection: nil) }
        guard PQstatus(connection) == CONNECTION_OK else {
            defer { PQfinish(connection) }
            throw Self.refusal(connection)
        }
        handle = connection
        // Notices would go to standard error, with nobody's name before them.
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        Keepalive.set(connection)
    }

    deinit { PQfinish(handle) }

    /// Whether it can still be used, as far as is known.
    var isOpen: Bool { PQstatus(handle) == CONNECTION_OK }

    /// The server's version in numbers: 150018 is 15.18.
    var versionNumber: Int32 { PQserverVersion(handle) }

    /// The server's version, as "15.18".
    var serverVersion: String {
        PQparameterStatus(handle, "server_version").map { String(cString: $0) } ?? "\(PQserverVersion(handle))"
    }

    /// The database's encoding, as "UTF8".
    var serverEncoding: String { PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? "" }

    /// Runs statements without parameters; the tag of the last one.
    @discardableResult
    func run(_ sql: String) throws(ServerError) -> String {
        try check(ServerResult(owning: PQexec(handle, sql)), [PGRES_COMMAND_OK, PGRES_TUPLES_OK]).tag
    }

    /// Runs statements without parameters; the rows of the last one.
    func rows(_ sql: String) throws(ServerError) -> [[String?]] {
        try check(ServerResult(owning: PQexec(handle, sql)), [PGRES_TUPLES_OK]).rows
    }

    /// Runs statements without parameters; the first value of the last one's first row, nil where that is NULL or missing.
    func value(_ sql: String) throws(ServerError) -> String? { try rows(sql).first?.first.flatMap { $0 } }

    /// Runs one statement with parameters; its rows.
    @discardableResult
    func rows(_ sql: String, _ parameters: [String]) throws(ServerError) -> [[String?]] {
        let result = Self.withStrings(parameters) { values in
            PQexecParams(handle, sql, Int32(parameters.count), nil, values, nil, nil, 0)
        }
        return try check(ServerResult(owning: result), [PGRES_COMMAND_OK, PGRES_TUPLES_OK]).rows
    }

    /// Begins a COPY FROM STDIN.
    func beginCopy(_ sql: String) throws(ServerError) {
        _ = try check(ServerResult(owning: PQexec(handle, sql)), [PGRES_COPY_IN])
    }

    /// Sends a piece of what is copied. An error of the server is told by `endCopy`.
    func copy(_ bytes: [UInt8]) throws(ServerError) {
        // In pieces: libpq keeps a buffer as large as the largest one.
        let isSent = bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: Self.piece).allSatisfy { start in
                let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + Self.piece, bytes.count)])
                return PQputCopyData(handle, piece.bindMemory(to: CChar.self).baseAddress, Int32(piece.count)) == 1
            }
        }
        guard isSent else { throw ServerError(connection: handle) }
    }

    /// Ends the COPY: all rows are taken, or none.
    func endCopy() throws(ServerError) {
        guard PQputCopyEnd(handle, nil) == 1 else { throw ServerError(connection: handle) }
        let result = ServerResult(owning: PQgetResult(handle))
        // The end of the answer, without which no other statement may begin.
        while let more = PQgetResult(handle) { PQclear(more) }
        _ = try check(result, [PGRES_COMMAND_OK])
    }

    /// Takes back the transaction, if there is one; false when the connection is of no more use.
    func rollBack() -> Bool {
        switch PQtransactionStatus(handle) {
        case PQTRANS_IDLE: isOpen
        case PQTRANS_INTRANS, PQTRANS_INERROR: (try? run("ROLLBACK")) != nil
        // In the middle of a COPY or an answer: closing it is the shorter way.
        default: false
        }
    }

    private func check(
        _ result: consuming ServerResult,
        _ expected: [ExecStatusType]
    ) throws(ServerError) -> ServerResult {
        guard expected.contains(result.status) else { throw ServerError(result, handle) }
        return result
    }

    private static func refusal(_ connection: OpaquePointer) -> ServerError {
        let text = String(cString: PQerrorMessage(connection))
        if PQconnectionNeedsPassword(connection) != 0 {
            return ServerError(text + "\ngive a password by a service file, .pgpass or PGPASSWORD")
        }
        if PQconnectionUsedPassword(connection) != 0 {
            return ServerError(text + "\nlook at user and password, and at the server's pg_hba.conf")
        }
        return ServerError(text)
    }

    /// C strings of these, and a null pointer behind them.
    private static func withStrings<Result>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        let pointers = copies.map { UnsafePointer($0) } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
