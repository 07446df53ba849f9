import Fixtures
import Glibc
import Model
import Outputs
import Testing

/// What a store keeps, by age and size.
@Suite struct StoreRetentionTests {
    private let store: TestStore

    init() throws { store = try TestStore() }

    /// An event each second, each of a process and about a path of its own.
    private func batches(_ count: Int) -> [EventBatch] {
        let pipeline = Pipeline()
        return (0..<count).map { second in
            let who = Who(UInt32(100 + second), start: UInt64(second) * 1_000_000_000 + 1)
            return pipeline.batch([
                Records.exec(who, of: Who(1, start: 0), at: who.start, binary: "/bin/n\(second)"),
                Records.open(who, at: who.start + 10, name: "n\(second)", path: "/tmp/n\(second)"),
            ])
        }
    }

    @Test func whatIsOlderThanTheAgeGoesWithItsProcessesAndPaths() throws {
        var limits = StoreLimits()
        limits.age = 60
        try store.write(batches(1000), limits)
        #expect(try store.number("SELECT count(*) FROM events") == 121)
        #expect(try store.number("SELECT count(*) FROM files") == 61)
        // the parent of all of them is still needed
        #expect(try store.number("SELECT count(*) FROM executions") == 62)
        #expect(try store.number("SELECT count(*) FROM paths") == 121)
        #expect(try store.number("SELECT min(pid) FROM events") == 100 + 939)
        #expect(try store.rows("PRAGMA integrity_check") == [["ok"]])
    }

    @Test func whatIsBeyondTheSizeGoesFromTheOldestOn() throws {
        var limits = StoreLimits()
        limits.size = 512 << 10
        try store.write(batches(3000), limits)
        var information = stat()
        #expect(stat(store.path, &information) == 0)
        #expect(information.st_size <= 512 << 10)
        #expect(information.st_size > 128 << 10)
        let kept = try store.number("SELECT count(*) FROM events")
        #expect(kept > 100)
        #expect(try store.number("SELECT max(pid) FROM events") == 3099)
        #expect(try store.number("SELECT min(pid) FROM events") == 3100 - (kept + 1) / 2)
        // An event's own process and its parent, no more.
        #expect(try store.number("SELECT count(*) FROM executions") == (kept + 1) / 2 + 1)
    }

    @Test func aSmallerLimitIsReachedWhenTheStoreIsOpenedAgain() throws {
        try store.write(batches(2000))
        var limits = StoreLimits()
        limits.size = 256 << 10
        try store.write([], limits)
        var information = stat()
        #expect(stat(store.path, &information) == 0)
        #expect(information.st_size <= 256 << 10)
    }

    @Test func aProcessWhoseRowWentIsWrittenAgain() throws {
        var limits = StoreLimits()
        limits.age = 10
        let pipeline = Pipeline()
        let long = Who(40, start: 4000)
        let sink = try store.sink(limits)
        let at = { (second: UInt64) in pipeline.batch([Records.open(long, at: second * 1_000_000_000, path: "/a")]) }
        #expect(sink.write(at(1)) { false } == .written)
        sink.finish { false }
        try store.write([at(100), at(200)], limits)
        #expect(try store.number("SELECT count(*) FROM files WHERE path = '/a' AND pid = 40") == 1)
        #expect(Pipeline.lines(try store.lines()).count { $0.contains(#""pid":40"#) } == 1)
    }
}
