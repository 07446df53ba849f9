/// Views for people, who need not know how events, executions and their days belong together.
enum MartletViews {
    /// The beginning of an event's path and program, as the indexes have them.
    static let path = "left(path, 600)"
    /// The same of the program that did it.
    static let program = "left(\"binary\", 600)"

    /// The statements that make them.
    static let all = """
        CREATE VIEW martlet.activity AS
        SELECT e.time, e.kind, e.host, e.pid, e.uid, left(e."binary", 600) AS program, x.process ->> 'arguments' AS arguments,
            p."binary" AS parent_program, p.process ->> 'arguments' AS parent_arguments, e.container, e.pod,
            left(e.path, 600) AS path, e.src_addr, e.src_port, e.dst_addr, e.dst_port, e.exec_id,
            coalesce(e.parent_exec_id, x.parent_exec_id) AS parent_exec_id, e.detail, x.process
        FROM martlet.events e
        LEFT JOIN martlet.executions x ON x.exec_id = e.exec_id AND x.day = (e.time AT TIME ZONE 'UTC')::date
        LEFT JOIN martlet.executions p ON p.exec_id = coalesce(e.parent_exec_id, x.parent_exec_id)
            AND p.day = (e.time AT TIME ZONE 'UTC')::date;
        CREATE VIEW martlet.files AS
        SELECT e.time, e.host, e.pid, e.uid, left(e."binary", 600) AS program, left(e.path, 600) AS path,
            e.detail ->> 'operation' AS operation, e.detail ->> 'flags' AS flags, (e.detail ->> 'result')::bigint AS result,
            e.detail ->> 'error' AS error, e.container, e.pod, e.exec_id
        FROM martlet.events e WHERE e.kind = 'open';
        CREATE VIEW martlet.connections AS
        SELECT e.time, e.host, e.pid, e.uid, left(e."binary", 600) AS program, e.src_addr, e.src_port, e.dst_addr,
            e.dst_port, e.detail ->> 'operation' AS operation, e.detail ->> 'old_state' AS old_state,
            e.detail ->> 'state' AS state, e.detail ->> 'error' AS error, e.container, e.pod, e.exec_id
        FROM martlet.events e WHERE e.kind = 'tcp';
        CREATE VIEW martlet.processes AS
        SELECT x.day, x.host, x.pid, x.started, left(x."binary", 600) AS program, x.process ->> 'arguments' AS arguments,
            x.process ->> 'cwd' AS cwd, (x.process ->> 'uid')::bigint AS uid, x.container, x.pod, x.exec_id,
            x.parent_exec_id, p."binary" AS parent_program, x.process, x.detail
        FROM martlet.executions x
        LEFT JOIN martlet.executions p ON p.exec_id = x.parent_exec_id AND p.day = x.day
        """
}
