/// What the agent and martlet-postgres say to each other: messages over a stream socket, each with its length before it.
///
/// The agent opens, then sends transactions: begin, days, copies, commit. The helper answers an open with opened and a
/// commit with committed, or at any time with failed; after that it takes no notice of anything but the next open.
/// Numbers are in host byte order: both ends are of one machine and one build, which `version` makes sure of.
package enum PostgresMessage: Equatable, Sendable {
    // From the agent.
    case open(PostgresOpen)
    case begin
    /// The days (since 1970, UTC) that rows of this transaction are of; before its copies.
    case days([Int32])
    /// Whole rows, as COPY takes them in `relation.form`, without its header and trailer.
    case copy(PostgresRelation, [UInt8])
    /// All rows are there; what is complete with them.
    case commit(PostgresPosition)

    // From the helper.
    case opened(PostgresOpened)
    case committed(PostgresPosition)
    case failed(PostgresFailure)
    /// A line for the log.
    case notice(String)

    /// Changes with each change of a message or of a relation's columns.
    package static let version: UInt32 = 1
    /// A longer message is not one of ours.
    package static let largest = 16 << 20
}

/// How far a stream of events came: all frames before `frame`, and the first `events` of that one.
package struct PostgresPosition: Equatable, Comparable, Sendable {
    package var frame: UInt64
    package var events: UInt64

    package init(frame: UInt64, events: UInt64) {
        self.frame = frame
        self.events = events
    }

    package static func < (a: PostgresPosition, b: PostgresPosition) -> Bool {
        (a.frame, a.events) < (b.frame, b.events)
    }
}

/// Which database, and what for.
package struct PostgresOpen: Equatable, Sendable {
    /// As libpq takes it: a URI, or keywords and values; empty: the environment alone.
    package var conninfo = ""
    package var layout = PostgresLayout.martlet
    /// Names the stream that positions are of: 32 hexadecimal digits.
    package var stream = ""
    /// The machine that it comes from, for people.
    package var host = ""
    /// Days that are kept, today included; 0: all.
    package var retentionDays: UInt32 = 0

    package init() {}
}

/// Which tables are written.
package enum PostgresLayout: UInt8, Sendable, CaseIterable {
    /// Ours, in the schema `martlet`.
    case martlet = 0
    /// Those of tcp-audit's sink, in the first schema of the search path.
    case tcpAudit = 1
}

/// A database that is ready.
package struct PostgresOpened: Equatable, Sendable {
    package var position: PostgresPosition
    /// Set when a column of an older table holds 32 bits, and could not be made wider: larger values are then NULL.
    package var hasNarrowColumns: Bool
    package var serverVersion: String

    package init(position: PostgresPosition, hasNarrowColumns: Bool, serverVersion: String) {
        self.position = position
        self.hasNarrowColumns = hasNarrowColumns
        self.serverVersion = serverVersion
    }
}

/// Why the database did not take something.
package struct PostgresFailure: Equatable, Sendable {
    package enum Reason: UInt8, Sendable {
        /// It may go another time: no connection, no room, a lock, rights that can be given.
        case unavailable = 0
        /// These very rows are refused, and would be again.
        case rows = 1
    }

    package var reason: Reason
    /// One line, with what to do about it.
    package var text: String

    package init(_ reason: Reason, _ text: String) {
        self.reason = reason
        self.text = text
    }
}
