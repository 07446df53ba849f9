import Model
import PostgresLink

/// Turns events into rows of the tables of a layout.
protocol PostgresRows: AnyObject {
    /// The events that follow are of this run of this agent.
    func begin(_ origin: StreamOrigin)
    /// Adds the rows of an event.
    func add(_ event: borrowing Event, _ record: Record)
    /// Whether there is enough for a message.
    var isFull: Bool { get }
    /// Hands over what there is, whole rows, each relation before those whose rows name its rows.
    func take() -> [PostgresMessage]
    /// The rows were not taken: what they told the database is not known there.
    func forget()
}

extension PostgresRows {
    /// Bytes of a message: few enough to stay in the cache, enough for the calls that it takes not to matter.
    static var piece: Int { 512 << 10 }
}
