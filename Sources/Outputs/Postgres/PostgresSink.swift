import Logging
import Model
import PostgresLink

/// Where a PostgreSQL database is, and what is written there.
package struct PostgresTarget: Sendable {
    /// As libpq takes it: a URI, or keywords and values; empty: the environment alone.
    package var conninfo = ""
    package var layout = PostgresLayout.martlet
    /// The machine that it comes from.
    package var host = ""
    /// Days that are kept, today included; 0: all.
    package var retentionDays: UInt32 = 0

    package init() {}

    fileprivate func open(_ stream: String) -> PostgresOpen {
        var open = PostgresOpen()
        open.conninfo = conninfo
        open.layout = layout
        open.stream = stream
        open.host = host
        open.retentionDays = retentionDays
        return open
    }
}

/// Writes events into a PostgreSQL database by a helper process, each call in one transaction with how far it came.
package final class PostgresSink: PositionedSink, @unchecked Sendable {
    /// A database that is ready for the next transaction.
    private struct Session {
        let rows: any PostgresRows
        /// Whose batches it takes.
        let stream: [UInt8]
        /// How far the database is.
        var position: SpoolPosition
    }

    private let target: PostgresTarget
    private let name: String
    private let launcher: any ProgramLaunching
    private let logger: Logger
    private var connection: PostgresConnection?
    private var session: Session?
    /// Kept for the next session: it is long to make.
    private var martletRows: MartletRows?
    private var hasToldOfGap = false

    /// - Parameter name: what the log calls it.
    package init(_ target: PostgresTarget, name: String, launcher: any ProgramLaunching, logger: Logger) {
        self.target = target
        self.name = name
        self.launcher = launcher
        self.logger = logger
    }

    package func write(
        _ batches: [SpooledBatch],
        from position: SpoolPosition,
        isUrgent: () -> Bool
    ) -> PositionedResult {
        var position = position
        var rest = batches[...]
        // Those that an earlier run left are of its stream, and have their own position.
        while let first = rest.first {
            let part = rest.prefix { $0.origin.stream == first.origin.stream }
            rest.removeFirst(part.count)
            let result = write(Array(part), of: first.origin, from: position, isUrgent)
            guard result.problem == nil else { return result }
            position = result.position
        }
        return PositionedResult(position)
    }

    /// Writes batches of one stream.
    private func write(
        _ batches: [SpooledBatch],
        of origin: StreamOrigin,
        from position: SpoolPosition,
        _ isUrgent: () -> Bool
    ) -> PositionedResult {
        var span = SpooledSpan(batches, from: position)
        var search = RefusalSearch()
        while !span.isEmpty {
            let count = search.next(of: span.count)
            do throws(PostgresProblem) {
                try open(origin, from: span.position, isUrgent)
                if let session, session.position > span.position {
                    span.advance(to: session.position)
                    continue
                }
                try transact(span, count, isUrgent)
                span.advance(to: span.position(after: count))
                search.took(count)
            } catch {
                session = nil
                switch error {
                case .rows(let text):
                    if count <= 1 { return PositionedResult(span.position, .refused(SinkFailure(text))) }
                    search.refused(count)
                case .unavailable(let text): return PositionedResult(span.position, .failed(SinkFailure(text)))
                case .gone(let text):
                    connection = nil
                    return PositionedResult(span.position, .failed(SinkFailure(text)))
                case .abandoned:
                    connection = nil
                    return PositionedResult(span.position, .abandoned)
                }
            }
        }
        return PositionedResult(span.position)
    }

    /// Connects when there is no session.
    private func open(
        _ origin: StreamOrigin,
        from position: SpoolPosition,
        _ isUrgent: () -> Bool
    ) throws(PostgresProblem) {
        if session?.stream == origin.stream { return }
        session = nil
        let connection =
            if let connection { connection } else { try PostgresConnection(launcher, name: name, logger: logger) }
        self.connection = connection
        let opened = try connection.open(target.open(origin.streamName), isUrgent)
        logger.debug("\(name): PostgreSQL \(opened.serverVersion)")
        let there = SpoolPosition(opened.position)
        // Of a new stream it knows nothing.
        if there.frame > 0, there.frame < position.frame, !hasToldOfGap {
            hasToldOfGap = true
            logger.warning(
                """
                \(name): the database has this stream up to \(there.frame).\(there.events), and is given it from \
                \(position.frame).\(position.events) on: what lies between went elsewhere, or the database was restored
                """
            )
        }
        session = Session(rows: makeRows(opened), stream: origin.stream, position: there)
    }

    private func makeRows(_ opened: PostgresOpened) -> any PostgresRows {
        switch target.layout {
        case .martlet:
            let rows = martletRows ?? MartletRows()
            martletRows = rows
            rows.forget()
            return rows
        case .tcpAudit: return TCPAuditRows(hasNarrowColumns: opened.hasNarrowColumns)
        }
    }

    /// Writes the first events of a span, all or none.
    private func transact(_ span: SpooledSpan, _ count: Int, _ isUrgent: () -> Bool) throws(PostgresProblem) {
        guard let connection, let rows = session?.rows else { return }
        let end = span.position(after: count)
        try connection.send(.begin, isUrgent)
        try connection.send(.days(Self.days(of: span, count)), isUrgent)
        try span.forEach(first: count) { (batch, range) throws(PostgresProblem) in
            rows.begin(batch.origin)
            for index in range {
                let event = batch.batch.events[index]
                rows.add(event, batch.batch.record(event))
                if rows.isFull { try send(rows.take(), connection, isUrgent) }
            }
        }
        try send(rows.take(), connection, isUrgent)
        try connection.commit(PostgresPosition(end), isUrgent)
        session?.position = end
    }

    private func send(
        _ messages: [PostgresMessage],
        _ connection: PostgresConnection,
        _ isUrgent: () -> Bool
    ) throws(PostgresProblem) {
        for message in messages { try connection.send(message, isUrgent) }
    }

    private static func days(of span: SpooledSpan, _ count: Int) -> [Int32] {
        var days: Set<Int32> = []
        var last: Int32?
        span.forEach(first: count) { batch, range in
            for index in range {
                let day = PostgresTime.day(batch.batch.events[index].time)
                if day != last { days.insert(day) }
                last = day
            }
        }
        return days.sorted()
    }

    package func finish(isUrgent: () -> Bool) {
        session = nil
        // The helper ends by that.
        connection = nil
    }
}

extension SpoolPosition {
    fileprivate init(_ position: PostgresPosition) {
        self.init(frame: position.frame, events: Int(clamping: position.events))
    }
}

extension PostgresPosition {
    fileprivate init(_ position: SpoolPosition) {
        self.init(frame: position.frame, events: UInt64(position.events))
    }
}
