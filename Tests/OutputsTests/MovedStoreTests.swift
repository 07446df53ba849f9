import CWire
import Fixtures
import Foundation
import Model
import Outputs
import Testing

/// A store whose file is taken away under the agent, as logrotate does it.
@Suite struct MovedStoreTests {
    private let store: TestStore
    private let shell = Who(40, start: 4000)

    init() throws { store = try TestStore() }

    @Test func whatWasWrittenIsInTheOldFileAndWhatComesInTheNewOne() throws {
        let pipeline = Pipeline()
        let sink = try store.sink()
        #expect(sink.write(pipeline.batch((0..<50).map { Records.open(shell, at: 5000 + $0) })) { false } == .written)
        let old = store.folder.path("old.db")
        try FileManager.default.moveItem(atPath: store.path, toPath: old)
        try sink.reopen()
        #expect(sink.write(pipeline.batch((0..<7).map { Records.open(shell, at: 6000 + $0) })) { false } == .written)
        sink.finish { false }
        #expect(try store.number("SELECT count(*) FROM files") == 7)
        let rows = try StoreRows(StoreReader(path: old), sql: "SELECT count(*) FROM files")
        #expect(try rows.next())
        #expect(rows.texts().map { $0.map { String(decoding: $0, as: UTF8.self) } } == ["50"])
    }

    @Test func anEventOfTheFutureDoesNotMakeAllOthersOld() throws {
        let pipeline = Pipeline()
        let now = UInt64(Date().timeIntervalSince1970 * 1e9)
        let year: UInt64 = 365 * 86400 * 1_000_000_000
        let records = [
            Records.clock(wall: now, at: 0), Records.open(shell, at: 5000), Records.open(shell, at: 12 * year),
            Records.open(shell, at: 6000),
        ]
        try store.write([pipeline.batch(records)])
        #expect(try store.number("SELECT count(*) FROM files") == 3)
    }

    @Test func aTimeThatNoClockShowsIsKeptAndCrashesNothing() throws {
        try store.write([Pipeline().batch([Records.open(shell, at: 0x9000_0000_0000_0000)])])
        #expect(try store.number("SELECT count(*) FROM files") == 1)
    }

    @Test func anOwnerWhoWasNotRunningHasNoThreadAndIsFoundByItsUser() throws {
        let exec = Records.exec(shell, of: Who(1, start: 0), at: 4500)
        let tcp = Records.tcp(owner: shell, onCPU: Who(50, start: 5), at: 5000)
        let batch = Pipeline().batch([exec, tcp, Records.tcp(owner: nil, onCPU: shell, at: 5001)])
        try store.write([batch])
        var selection = TestStore.everything
        selection.filter.kinds = [.tcp]
        selection.filter.users = [1000]
        let lines = Pipeline.lines(try store.lines(selection))
        #expect(lines.count == 1)
        #expect(lines.first?.contains("\"euid\"") == false)
    }
}
