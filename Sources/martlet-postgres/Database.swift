import PostgresLink

/// A database that is open for one stream of events: its tables are there, and how far the stream came is known.
final class Database {
    /// As the agent wants it.
    private var open: PostgresOpen
    private let server: ServerConnection
    private let tables: Tables
    private var stream: StreamPosition
    private var partitions: DayPartitions?
    private var upkeep = Upkeep()
    private var notices: [String] = []
    /// Between the agent's begin and its commit.
    private var isInTransaction = false
    /// Whether the server knows of it: partitions are made before, lest their locks be held for as long as rows come.
    private var hasBegun = false
    private var copied: PostgresRelation?
    private var hasExecutions = false

    /// Connects, and makes or migrates the tables.
    init(_ open: PostgresOpen) throws(Refusal) {
        self.open = open
        do throws(ServerError) {
            server = try ServerConnection(open.conninfo)
        } catch {
            throw Refusal("cannot connect to PostgreSQL", error)
        }
        // Another one has no place for most characters that a path may have: each such event would be refused.
        guard ["UTF8", "SQL_ASCII"].contains(server.serverEncoding) else {
            throw Refusal(
                "the database's encoding is \(server.serverEncoding), which lacks characters of paths and arguments: "
                    + "make another database (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0)"
            )
        }
        do throws(ServerError) {
            try SessionSettings.set(server)
            switch open.layout {
            case .martlet:
                tables = try MartletSchema.prepare(server)
                partitions = DayPartitions(retentionDays: open.retentionDays)
            case .tcpAudit: tables = try TCPAuditSchema.prepare(server, &notices)
            }
            stream = try StreamPosition(server, tables.streams, open)
        } catch {
            throw Refusal("cannot prepare the tables", error)
        }
    }

    /// The answer to an open.
    var opened: PostgresOpened {
        PostgresOpened(
            position: stream.position,
            hasNarrowColumns: tables.hasNarrowColumns,
            serverVersion: server.serverVersion
        )
    }

    /// What is to be logged, once.
    func takeNotices() -> [String] {
        defer { notices.removeAll() }
        return notices
    }

    /// Takes back what is not committed; false when the connection is of no more use.
    func rollBack() -> Bool {
        isInTransaction = false
        hasBegun = false
        copied = nil
        hasExecutions = false
        return server.rollBack()
    }

    /// Takes the next transactions for this stream, and looks how far it came; false when that needs a database of its own.
    func reopen(_ open: PostgresOpen) -> Bool {
        var wanted = self.open
        (wanted.stream, wanted.host) = (open.stream, open.host)
        guard wanted == open, rollBack() else { return false }
        self.open = open
        do throws(ServerError) {
            stream = try StreamPosition(server, tables.streams, open)
            return true
        } catch { return false }
    }

    /// Begins a transaction, of the stream's next events.
    func begin() throws(Refusal) {
        guard !isInTransaction else { throw Self.outOfTurn }
        isInTransaction = true
    }

    /// Makes the partitions for days of this transaction.
    func prepare(_ days: [Int32]) throws(Refusal) {
        guard isInTransaction, !hasBegun else { throw Self.outOfTurn }
        try doing("cannot make a partition") { () throws(ServerError) in try partitions?.prepare(days, server) }
    }

    /// Takes rows in; pieces of one relation that follow each other are one COPY.
    func copy(_ relation: PostgresRelation, _ rows: [UInt8]) throws(Refusal) {
        guard isInTransaction, let table = tables.copies[relation] else { throw Self.outOfTurn }
        try beginOnce()
        try doing("writing \(table) failed", ofRows: true) { () throws(ServerError) in
            if copied != relation {
                try endCopy()
                try server.beginCopy(CopyForm.statement(relation, table))
                copied = relation
                if relation.form == .binary { try server.copy(CopyForm.header) }
                hasExecutions = hasExecutions || relation == .executions
            }
            try server.copy(rows)
        }
    }

    /// Commits the rows, and with them how far the stream came.
    func commit(_ position: PostgresPosition) throws(Refusal) {
        guard isInTransaction else { throw Self.outOfTurn }
        try beginOnce()
        try doing("writing failed", ofRows: true) { () throws(ServerError) in
            try endCopy()
            if hasExecutions { try server.run(MartletSchema.mergeExecutions) }
        }
        hasExecutions = false
        try doing("cannot commit", ofRows: true) { () throws(ServerError) in try stream.commit(position, server) }
        isInTransaction = false
        hasBegun = false
    }

    /// Looks after the tables when it is time to.
    func keepUp() { upkeep.run(server, tables, &partitions, &notices) }

    private func beginOnce() throws(Refusal) {
        guard !hasBegun else { return }
        try doing("cannot begin") { () throws(ServerError) in try stream.begin(server) }
        hasBegun = true
    }

    private func endCopy() throws(ServerError) {
        guard let relation = copied else { return }
        copied = nil
        if relation.form == .binary { try server.copy(CopyForm.trailer) }
        try server.endCopy()
    }

    private func doing(
        _ task: String,
        ofRows: Bool = false,
        _ body: () throws(ServerError) -> Void
    ) throws(Refusal) {
        do throws(ServerError) { try body() } catch { throw Refusal(task, error, ofRows: ofRows) }
    }

    private static let outOfTurn = Refusal("martlet sent a message out of turn: report this as a mistake in it")
}
