import Fixtures
import Logging
import Model
import Outputs
import PostgresLink

/// Batches at their places, and sinks on a database that is none.
enum Postgres {
    static let origin = StreamOrigin(node: "node-1", boot: Array(0..<16), start: 4711)

    static func spooled(_ batches: [EventBatch], from frame: UInt64 = 0) -> [SpooledBatch] {
        batches.enumerated().map { SpooledBatch(frame: frame + UInt64($0), origin: origin, batch: $1) }
    }

    static func sink(
        _ database: any ProgramLaunching,
        _ layout: PostgresLayout = .martlet,
        _ logger: Logger = Lines.quiet
    ) -> PostgresSink {
        var target = PostgresTarget()
        target.conninfo = "host=/none"
        target.layout = layout
        target.host = "node-1"
        target.retentionDays = 7
        return PostgresSink(target, name: "postgres", launcher: database, logger: logger)
    }

    /// The rows that these records become.
    static func rows(
        _ records: [[UInt8]],
        _ relation: PostgresRelation = .events,
        late: Bool = false,
        narrow: Bool = false
    ) -> [Row] {
        let database = FakeDatabase()
        database.hasNarrowColumns = narrow
        let layout = relation == .events || relation == .executions ? PostgresLayout.martlet : .tcpAudit
        let batches = spooled([Pipeline().batch(records, late: late)])
        let result = sink(database, layout).write(batches, from: SpoolPosition(frame: 0, events: 0)) { false }
        precondition(result.problem == nil)
        return database.rows(relation)
    }
}
