import Fixtures
import Foundation
import GRDBSQLite
import Glibc
import Model
import Outputs
import Testing

/// What is no store, or none that can be used: told with the file, the reason and a remedy, and left as it is.
@Suite struct BadStoreTests {
    private let store: TestStore

    init() throws { store = try TestStore() }

    private func writeError() -> String {
        do throws(SinkFailure) {
            _ = try SQLiteSink(path: store.path, node: "node-1")
            return "nothing was wrong"
        } catch {
            return error.description
        }
    }

    private func readError() -> String {
        do throws(StoreFailure) {
            _ = try StoreReader(path: store.path)
            return "nothing was wrong"
        } catch {
            return error.description
        }
    }

    @Test func aFileThatIsNoDatabaseIsLeftAsItIs() throws {
        let text = Array("#!/bin/sh\necho a script, and longer than a database's magic bytes\n".utf8)
        _ = try store.folder.write(text, to: "events.db")
        let expected = "\(store.path): this is no SQLite database: choose another file"
        #expect(writeError() == expected)
        #expect(readError() == expected)
        #expect(store.folder.read("events.db") == text)
    }

    @Test func anotherProgramsDatabaseIsLeftAsItIs() throws {
        OtherProgram(store.path).run("CREATE TABLE cookies (name)")
        let before = store.folder.read("events.db")
        let expected = "\(store.path): a database, but not one of Martlet's: choose another file"
        #expect(writeError() == expected)
        #expect(readError() == expected)
        #expect(store.folder.read("events.db") == before)
        #expect(store.folder.names == ["events.db"])
    }

    @Test func aStoreOfALaterVersionIsNotTouched() throws {
        try store.write(Lines.batches(1, of: 3))
        OtherProgram(store.path).run("PRAGMA user_version = 9")
        for error in [writeError(), readError()] {
            #expect(error.contains("made by a later version of Martlet (schema 9, this one knows 1): use that version"))
        }
    }

    @Test func aSecondAgentIsKeptAway() throws {
        let first = try store.sink()
        #expect(writeError() == "\(store.path): another martlet writes to this store: end it, or choose another file")
        #expect(first.write(Lines.batches(1, of: 7)[0]) { false } == .written)
        #expect(try store.number("SELECT count(*) FROM events") == 7)
        first.finish { false }
        #expect(try store.sink().write(Lines.batches(1, of: 9)[0]) { false } == .written)
    }

    @Test func aDatabaseThatAnotherProgramLocksIsTold() throws {
        try store.write(Lines.batches(1, of: 3))
        let other = OtherProgram(store.path)
        other.run("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE")
        #expect(writeError().contains("\(store.path): locked by another program: end what writes to it"))
    }

    @Test func aLockDuringARunIsWaitedForAndThenNothingIsLost() throws {
        let sink = try store.sink()
        #expect(sink.write(Lines.batches(1, of: 3)[0]) { false } == .written)
        let other = OtherProgram(store.path)
        other.run("BEGIN IMMEDIATE")
        var asked = 0
        // Given up when there is no time left…
        let result = sink.write(Lines.batches(1, of: 5)[0]) {
            asked += 1
            return asked > 2
        }
        #expect(result == .abandoned(after: 0))
        // …and written when the other one lets go.
        asked = 0
        let second = sink.write(Lines.batches(1, of: 5)[0]) {
            asked += 1
            if asked == 2 { other.run("COMMIT") }
            return false
        }
        #expect(second == .written)
        #expect(try store.number("SELECT count(*) FROM events") == 5)
    }

    @Test func aMissingStoreSaysWhatMakesOne() {
        #expect(readError() == "\(store.path): no store: martlet run --sink sqlite makes one, --store names another")
    }

    @Test func aMissingFolderIsNotMade() throws {
        let nested = TestStoreIn(store.folder, "no/events.db")
        #expect(
            nested.error == "\(store.folder.path("no/events.db")): No such file or directory: make its folder first"
        )
        #expect(store.folder.names.isEmpty)
    }

    @Test func aFolderIsNoStore() throws {
        #expect(mkdir(store.path, 0o700) == 0)
        #expect(writeError().hasPrefix("\(store.path): "))
        #expect(readError() == "\(store.path): not a file: choose another")
    }

    @Test func aStoreIsItsOwnersAlone() throws {
        try store.write(Lines.batches(1, of: 3))
        var information = stat()
        #expect(stat(store.path, &information) == 0)
        #expect(information.st_mode & 0o777 == 0o600)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away")) func aFileOfAnotherUserIsRefused() throws {
        _ = try store.folder.write([], to: "events.db")
        #expect(chown(store.path, 65534, 65534) == 0)
        #expect(writeError().contains("belongs to another user: remove it or choose another file"))
    }

    @Test func aDamagedStoreIsToldWithAWayOut() throws {
        try store.write(Lines.batches(30, of: 100))
        var bytes = try #require(store.folder.read("events.db"))
        for index in 3 * 4096..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
        _ = try store.folder.write(bytes, to: "events.db")
        do {
            _ = try store.lines()
            Issue.record("the damage was not noticed")
        } catch {
            #expect("\(error)".hasPrefix("\(store.path): damaged ("))
            #expect("\(error)".contains("sqlite3 FILE .recover saves what it can"))
        }
        let message = writeError()
        if message == "nothing was wrong" {
            let sink = try store.sink()
            guard case .failed(0, let failure) = sink.write(Lines.batches(1, of: 3000)[0], isUrgent: { false }) else {
                Issue.record("the damage was not noticed")
                return
            }
            #expect(failure.description.contains("damaged ("))
        } else {
            #expect(message.contains("damaged ("))
        }
    }

    @Test func aDatabaseThatWasCutIsTold() throws {
        try store.write(Lines.batches(30, of: 100))
        #expect(truncate(store.path, 50 * 4096 + 100) == 0)
        #expect(throws: StoreFailure.self) { try store.lines() }
        #expect(writeError() != "nothing was wrong" || store.refusal("SELECT * FROM files") != "nothing was refused")
    }
}

/// A store somewhere below a folder, and what opening it says.
private struct TestStoreIn {
    let error: String

    init(_ folder: TemporaryFolder, _ name: String) {
        do throws(SinkFailure) {
            _ = try SQLiteSink(path: folder.path(name), node: "node-1")
            error = "nothing was wrong"
        } catch {
            self.error = error.description
        }
    }
}
