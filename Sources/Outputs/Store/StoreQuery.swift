import Formats
import GRDBSQLite
import Model

/// Reads the events of a selection in the order of time.
package enum StoreQuery {
    /// Calls `body` with each event, until it returns false. What it gets is valid during the call only.
    package static func run(
        _ reader: StoreReader,
        _ selection: StoreSelection,
        _ body: (StoredEvent) -> Bool
    ) throws(StoreFailure) {
        do throws(SQLError) {
            try selection.prepare(reader)
            let events = try StoreStatement(reader.handle, sql(selection), isKept: false)
            let kinds = EventKind.allCases
            while try events.step() {
                var event = StoredEvent()
                event.kindName = events.bytes(0) ?? event.kindName
                event.kind = kinds.first { $0.name.hasBytes(event.kindName) }
                event.time = UInt64(bitPattern: events.number(1))
                event.node = events.bytes(2) ?? event.node
                event.tid = UInt64(bitPattern: events.number(3))
                event.euid = UInt64(bitPattern: events.number(4))
                event.isLate = events.number(5) != 0
                event.process = events.bytes(6)
                event.parent = events.bytes(7)
                event.own = events.bytes(8)
                if event.kind?.beginsExecution ?? false {
                    event.details = events.bytes(9)
                    event.context = events.bytes(10)
                }
                guard body(event) else { return }
            }
        } catch {
            throw reader.failure(error)
        }
    }

    private static func sql(_ selection: StoreSelection) -> String {
        """
        SELECT e.kind, e.time, n.name, e.tid, e.uid, e.late, x.process, p.process, e.detail, x.detail, c.context \
        FROM (\(selection.ids)) AS chosen CROSS JOIN events e ON e.id = chosen.id \
        LEFT JOIN executions x ON x.id = e.execution LEFT JOIN executions p ON p.id = coalesce(e.parent, x.parent) \
        LEFT JOIN contexts c ON c.id = x.context_id LEFT JOIN nodes n ON n.id = e.node_id\
        \(selection.last == nil ? "" : " ORDER BY e.id")
        """
    }

    /// A statement that finds the same events as rows for people.
    package static func table(_ reader: StoreReader, _ selection: StoreSelection) throws(StoreFailure) -> StoreRows {
        do throws(SQLError) {
            try selection.prepare(reader)
        } catch {
            throw reader.failure(error)
        }
        // What was called, of any kind of call.
        let place = ["function_name", "event", "symbol", "name", "path"].map { "json_extract(e.detail, '$.\($0)')" }
        let outcome = ["error", "signal", "status", "result"].map { "json_extract(e.detail, '$.\($0)')" }
        return try StoreRows(
            reader,
            trusted: """
                SELECT strftime('%Y-%m-%d %H:%M:%S', e.time / 1000000000, 'unixepoch') \
                || printf('.%06d', e.time % 1000000000 / 1000) AS time, e.kind AS event, \
                CASE WHEN e.execution IS NULL THEN NULL ELSE e.pid END AS pid, \
                coalesce(x.binary, x.comm) AS process, CASE WHEN e.execution IS NULL THEN NULL ELSE e.uid END AS uid, \
                coalesce(\(outcome.joined(separator: ", "))) AS outcome, \
                CASE WHEN e.kind IN ('exec', 'snapshot') THEN json_extract(x.process, '$.arguments') \
                WHEN e.kind = 'shell' THEN json_extract(e.detail, '$.line') \
                WHEN e.kind = 'tcp' THEN \
                coalesce(json_extract(e.detail, '$.saddr') || ' ' || json_extract(e.detail, '$.sport'), '') \
                || coalesce(' → ' || json_extract(e.detail, '$.daddr') || ' ' || json_extract(e.detail, '$.dport'), '') \
                || ' ' || coalesce(json_extract(e.detail, '$.state'), '') \
                WHEN e.kind IN (\(StoreSelection.calls)) THEN coalesce(\(place.joined(separator: ", "))) \
                || CASE WHEN e.kind = 'loader' THEN '' ELSE coalesce(' ' || q.path, '') END \
                ELSE coalesce(q.path, json_extract(e.detail, '$.path'), \
                CASE WHEN x.id IS NULL THEN e.detail END) END AS about \
                FROM (\(selection.ids)) AS chosen CROSS JOIN events e ON e.id = chosen.id \
                LEFT JOIN executions x ON x.id = e.execution LEFT JOIN paths q ON q.id = e.path_id\
                \(selection.last == nil ? "" : " ORDER BY e.id")
                """
        )
    }
}

extension StaticString {
    fileprivate func hasBytes(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.elementsEqual(UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount))
    }
}
