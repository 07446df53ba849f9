import GRDB

/// The tables of a store, and how older ones come to be as they are now.
///
/// Fields have no columns of their own: what an event tells stands in JSON as it is written out, so that a new field or
/// kind is no new schema. Columns are what is looked for.
enum StoreSchema {
    /// In `user_version`: one for each migration.
    static let version: Int64 = 1
    /// In `application_id`: "mrtl", which tells our files from those of other programs.
    static let application: Int64 = 0x6d72_746c

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: tables)
            try database.execute(sql: "PRAGMA application_id = \(application); PRAGMA user_version = 1")
        }
        return migrator
    }

    // An event's id is its time in ns, moved by `shift` where another event has that time: no index on time is needed, and
    // an event that is written again meets itself. Only what differs from the execution's own is kept in `parent`.
    private static let tables = """
        CREATE TABLE nodes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE paths (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
        CREATE TABLE contexts (id INTEGER PRIMARY KEY, context TEXT NOT NULL UNIQUE);
        CREATE TABLE executions (
            id INTEGER PRIMARY KEY, exec_id TEXT NOT NULL UNIQUE, pid INTEGER NOT NULL, time INTEGER NOT NULL,
            parent INTEGER, binary TEXT, comm TEXT NOT NULL, process TEXT NOT NULL, detail TEXT, context_id INTEGER
        );
        CREATE INDEX executions_pid ON executions (pid);
        CREATE INDEX executions_parent ON executions (parent) WHERE parent IS NOT NULL;
        CREATE INDEX executions_context ON executions (context_id) WHERE context_id IS NOT NULL;
        CREATE TABLE events (
            id INTEGER PRIMARY KEY, shift INTEGER NOT NULL, time INTEGER AS (id - shift), node_id INTEGER NOT NULL,
            kind TEXT NOT NULL, pid INTEGER NOT NULL, tid INTEGER NOT NULL, uid INTEGER NOT NULL,
            execution INTEGER, parent INTEGER, path_id INTEGER, cpu INTEGER NOT NULL, sequence INTEGER NOT NULL,
            late INTEGER, detail TEXT
        );
        CREATE INDEX events_kind ON events (kind);
        CREATE INDEX events_execution ON events (execution);
        CREATE INDEX events_path ON events (path_id) WHERE path_id IS NOT NULL;
        CREATE INDEX events_parent ON events (parent) WHERE parent > 0;
        """
}
