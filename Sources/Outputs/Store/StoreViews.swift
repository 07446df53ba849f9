import Formats
import Model

/// Tables for people: a view for each kind of event, with a column for each field of the registry.
enum StoreViews {
    /// Where the shared part of a process' details begins: the same for most processes of a user or container.
    static let contextKey = "cap"

    static var all: [(name: String, sql: String)] {
        EventKind.allCases.filter { $0 != .clock }.map { (name(of: $0), sql(of: $0)) } + [
            ("processes", processes), ("activity", activity),
        ]
    }

    /// What people call several events of a kind.
    static func name(of kind: EventKind) -> String {
        let names = [
            "open": "files", "exec-failed": "exec_failures", "loss": "losses", "tcp": "connections",
            "shell": "shell_lines", "usdt": "usdt_probes", "lsm": "lsm_hooks", "loader": "loaded_files",
        ]
        return names["\(kind.name)"] ?? "\(kind.name)".map { $0 == "-" ? "_" : "\($0)" }.joined() + "s"
    }

    private static let time = """
        strftime('%Y-%m-%dT%H:%M:%S', e.time / 1000000000, 'unixepoch') || printf('.%09dZ', e.time % 1000000000) AS time
        """

    private static let joins = """
        FROM events e LEFT JOIN executions x ON x.id = e.execution \
        LEFT JOIN executions p ON p.id = coalesce(e.parent, x.parent) LEFT JOIN contexts c ON c.id = x.context_id
        """

    private static func sql(of kind: EventKind) -> String {
        let own = Fields.event(kind)
        var columns = ["e.id", time, "n.name AS node", "e.pid", "e.tid", "e.uid AS euid"]
        var taken: Set<String> = ["id", "time", "node", "pid", "tid", "euid"]
        taken.formUnion(own.map { column($0.name) })
        let told = Fields.process.filter { !$0.isDetail || kind.beginsExecution }
        columns += process(told.filter { $0.name != "pid" }, &taken)
        for field in ["pid", "binary", "arguments"] {
            columns.append("json_extract(p.process, '$.\(field)') AS parent_\(field)")
        }
        for field in own {
            columns.append("json_extract(e.detail, '$.\(field.name)') AS \(quoted(column(field.name)))")
        }
        return "SELECT \(columns.joined(separator: ", ")) \(joins) LEFT JOIN nodes n ON n.id = e.node_id "
            + "WHERE e.kind = '\(kind.name)'"
    }

    private static var processes: String {
        var taken: Set<String> = ["id"]
        return "SELECT x.id, \(process(Fields.process, &taken).joined(separator: ", ")) FROM executions x "
            + "LEFT JOIN contexts c ON c.id = x.context_id"
    }

    /// Columns of a process. An event's own field goes by its plain name, the process' by a longer one.
    private static func process(_ fields: [Field], _ taken: inout Set<String>) -> [String] {
        fields.map { field in
            let plain = column(field.name)
            let name = taken.insert(plain).inserted ? plain : "process_\(plain)"
            return "\(value(of: field)) AS \(quoted(name))"
        }
    }

    /// The value of a process' field, of execution `x` with context `c`.
    static func value(of field: Field) -> String { "json_extract(\(source(of: field)), '$.\(field.name)')" }

    /// All kinds, with what they have in common.
    private static var activity: String {
        """
        SELECT e.id, \(time), e.kind, e.pid, e.tid, e.uid AS euid, json_extract(x.process, '$.binary') AS binary, \
        json_extract(x.process, '$.arguments') AS arguments, q.path, e.detail \(joins) LEFT JOIN paths q ON q.id = e.path_id
        """
    }

    /// Which of the three objects a process' field is kept in.
    private static func source(of field: Field) -> String {
        guard field.isDetail else { return "x.process" }
        let names = Fields.process.map(\.name)
        let shared = names.firstIndex { $0.hasPrefix(contextKey + ".") } ?? names.count
        return (names.firstIndex(of: field.name) ?? 0) < shared ? "x.detail" : "c.context"
    }

    private static func column(_ name: String) -> String { name.map { $0 == "." ? "_" : "\($0)" }.joined() }

    private static func quoted(_ name: String) -> String { "\"\(name)\"" }
}
