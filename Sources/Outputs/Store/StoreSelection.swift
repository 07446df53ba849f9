import Engine
import GRDBSQLite
import Model

/// Which events of a store are asked for.
package struct StoreSelection: Sendable {
    package var filter = EventFilter()
    /// ns since 1970; from this on, and up to this.
    package var since: UInt64?
    package var until: UInt64?
    /// The first so many; or the last ones, which still come in the order of time.
    package var limit: Int?
    package var last: Int?

    package init() {}

    /// Marks the paths and executions that patterns mean, so that an index finds their events: patterns are matched here,
    /// by the very code that filters live events, and once for each path rather than for each event.
    func prepare(_ reader: StoreReader) throws(SQLError) {
        let handle = reader.handle
        let filter = filter
        if !filter.paths.isEmpty {
            try Self.mark(handle, "paths", "SELECT id, path FROM main.paths") { filter.passes(path: $0.bytes(1)) }
        }
        if !filter.policies.isEmpty { try markPolicies(handle) }
        if !filter.processes.isEmpty || filter.asksForPlaces {
            let columns = ["x.id", "x.binary", "x.comm"] + (filter.asksForPlaces ? StoredPlacement.columns : [])
            let all =
                "SELECT \(columns.joined(separator: ", ")) FROM main.executions x "
                + "LEFT JOIN main.contexts c ON c.id = x.context_id"
            try Self.mark(handle, "executions", all) {
                let empty = UnsafeRawBufferPointer(start: nil, count: 0)
                return filter.passes(binary: $0.bytes(1), comm: $0.bytes(2) ?? empty)
                    && (!filter.asksForPlaces || filter.passes(place: StoredPlacement(row: $0, from: 3)))
            }
        }
    }

    /// The kinds that policies ask for, as a list in SQL.
    static let calls = EventKind.allCases.filter(\.isCall).map { "'\($0.name)'" }.joined(separator: ", ")

    private static let policy = "json_extract(e.detail, '$.policy_name')"

    /// Marks the policies that patterns mean, by the names that stand in events.
    private func markPolicies(_ handle: OpaquePointer) throws(SQLError) {
        try SQL.run(handle, "CREATE TEMP TABLE wanted_policies (name TEXT PRIMARY KEY)")
        let names = "SELECT DISTINCT \(Self.policy) FROM main.events e WHERE e.kind IN (\(Self.calls))"
        let all = try StoreStatement(handle, names, isKept: false)
        let insert = try StoreStatement(handle, "INSERT INTO wanted_policies VALUES (?)", isKept: false)
        while try all.step() {
            guard let name = all.bytes(0), filter.passes(policy: name) else { continue }
            insert.bind(1, text: name)
            try insert.run()
        }
    }

    private static func mark(
        _ handle: OpaquePointer,
        _ table: String,
        _ rows: String,
        _ isMeant: (StoreStatement) -> Bool
    ) throws(SQLError) {
        try SQL.run(handle, "CREATE TEMP TABLE wanted_\(table) (id INTEGER PRIMARY KEY)")
        let all = try StoreStatement(handle, rows, isKept: false)
        let insert = try StoreStatement(handle, "INSERT INTO wanted_\(table) VALUES (?)", isKept: false)
        while try all.step() {
            guard isMeant(all) else { continue }
            insert.bind(1, all.number(0))
            try insert.run()
        }
    }

    /// The statement that finds the ids, in the order of time.
    var ids: String {
        let order = last == nil ? "" : " DESC"
        let count = (last ?? limit).map { " LIMIT \($0)" } ?? ""
        return "SELECT e.id FROM events e WHERE \(conditions.joined(separator: " AND ")) ORDER BY e.id\(order)\(count)"
    }

    private var conditions: [String] {
        let kinds = EventKind.allCases.filter { filter.kinds.contains($0) }.map { "'\($0.name)'" }
        // With most kinds an index on them is a detour.
        let sign = kinds.count > 2 ? "+" : ""
        var conditions = ["\(sign)e.kind IN (\(kinds.joined(separator: ", ")))"]
        // An id is its event's time, moved by what little keeps it apart from others.
        if let since { conditions.append("e.id >= \(Self.integer(since)) AND e.time >= \(Self.integer(since))") }
        if let until {
            conditions.append("e.time < \(Self.integer(until)) AND e.id < \(Self.integer(until)) + 1000000")
        }
        var own: [String] = []
        if !filter.pids.isEmpty {
            own.append("e.execution IN (SELECT id FROM executions WHERE pid IN (\(Self.list(filter.pids))))")
        }
        if !filter.users.isEmpty { own.append("e.uid IN (\(Self.list(filter.users)))") }
        if !filter.processes.isEmpty || filter.asksForPlaces {
            own.append("e.execution IN (SELECT id FROM wanted_executions)")
        }
        if !filter.paths.isEmpty { own.append("e.path_id IN (SELECT id FROM wanted_paths)") }
        if !filter.policies.isEmpty {
            own.append("e.kind IN (\(Self.calls)) AND \(Self.policy) IN (SELECT name FROM wanted_policies)")
        }
        // What no process did is not for conditions on processes to hide; a connection has an owner, known or not.
        if !own.isEmpty {
            conditions.append("(e.execution IS NULL AND e.kind <> 'tcp' OR \(own.joined(separator: " AND ")))")
        }
        return conditions
    }

    private static func list(_ numbers: Set<UInt32>) -> String {
        numbers.sorted().map(String.init).joined(separator: ", ")
    }

    private static func integer(_ time: UInt64) -> Int64 { Int64(clamping: time) }
}
