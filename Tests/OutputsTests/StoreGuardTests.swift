import Fixtures
import Glibc
import Outputs
import Testing

/// A user's SQL reads and nothing else; what is wrong with it is told with its place.
@Suite struct StoreGuardTests {
    private let store: TestStore

    init() throws {
        store = try TestStore()
        try store.write(Lines.batches(1, of: 5))
    }

    @Test(arguments: [
        "DELETE FROM events", "DROP TABLE events", "INSERT INTO paths (path) VALUES ('x')", "UPDATE events SET pid = 1",
        "CREATE TABLE t (a)", "CREATE TEMP TABLE t (a)", "ATTACH '/tmp/martlet-attached' AS other", "VACUUM",
        "VACUUM INTO '/tmp/martlet-copy'", "PRAGMA user_version = 3", "PRAGMA journal_mode = DELETE",
        "PRAGMA wal_checkpoint", "BEGIN", "SELECT load_extension('x')", "REINDEX", "ANALYZE",
        "WITH t AS (SELECT 1) DELETE FROM events", "DETACH main", "PRAGMA writable_schema = 1",
    ]) func whatWouldWriteIsRefused(sql: String) throws {
        let before = store.folder.read("events.db")
        #expect(
            store.refusal(sql).hasPrefix("--sql: refused, because martlet query only reads: write a SELECT"),
            "\(sql)"
        )
        #expect(store.folder.read("events.db") == before)
        #expect(access("/tmp/martlet-attached", F_OK) != 0)
        #expect(access("/tmp/martlet-copy", F_OK) != 0)
    }

    @Test(arguments: [
        ("SELECT pid FROM evnts", "no such table: evnts", "sqlite_schema lists the tables"),
        ("SELECT pit FROM events", "no such column: pit at position 8", "PRAGMA table_info(TABLE)"),
        ("SELECT pid FORM events", "near \"events\": syntax error at position 17", "sqlite.org/lang"),
        ("SELECT foo(1)", "no such function: foo at position 8", "function_list"),
        ("SELECT 1; DELETE FROM events", "more than one statement, from position 10", "one at a time"),
    ]) func aMistakeIsToldWithItsPlaceAndARemedy(sql: String, message: String, remedy: String) {
        let refusal = store.refusal(sql)
        #expect(refusal.hasPrefix("--sql: "))
        #expect(refusal.contains(message), "\(refusal)")
        #expect(refusal.contains(remedy), "\(refusal)")
    }

    @Test(arguments: [
        "SELECT count(*) FROM files", "WITH t AS (SELECT pid FROM events) SELECT * FROM t", "VALUES (1), (2)",
        "EXPLAIN QUERY PLAN SELECT * FROM events", "PRAGMA table_info(events)", "PRAGMA user_version", "SELECT 1 ; ",
    ]) func whatReadsIsAnswered(sql: String) throws {
        #expect(try !store.rows(sql).isEmpty)
    }

    @Test func anotherProgramMayWriteWhileWeRead() throws {
        let sink = try store.sink()
        let rows = try StoreRows(StoreReader(path: store.path), sql: "SELECT id FROM events")
        #expect(try rows.next())
        #expect(sink.write(Lines.batches(1, of: 50)[0]) { false } == .written)
        var count = 1
        while try rows.next() { count += 1 }
        #expect(count == 5)
        #expect(try store.number("SELECT count(*) FROM events") == 50)
    }
}
