import Fixtures
import Foundation
import Glibc
import Testing

/// `--sink` and `martlet query`, as a user runs them.
@Suite struct StoreTests {
    private let martlet: Martlet
    private let folder: TemporaryFolder
    private let path: String
    private let store: String
    private let live: (json: [UInt8], compact: [UInt8])

    init() throws {
        martlet = try Martlet()
        folder = try TemporaryFolder()
        path = folder.path("recording")
        store = folder.path("events.db")
        live = try Recordings.write(to: path)
    }

    private func fill() throws {
        let result = try martlet.run("replay", path, "--event", "all", "--sink", "sqlite:\(store)")
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    private func query(_ arguments: String...) throws -> Martlet.Result {
        try Martlet.run(martlet.path, ["query", "--store", store] + arguments)
    }

    private func sorted(_ text: [UInt8]) -> [String] { Pipeline.lines(text).sorted() }

    @Test func aQueryWritesTheLinesThatTheRunWrote() throws {
        try fill()
        let result = try query("--event", "all", "-o", "json")
        #expect(result.exitCode == 0)
        #expect(sorted(result.output) == sorted(live.json))
        #expect(result.errors.isEmpty)
    }

    @Test func filtersAreThoseOfARun() throws {
        try fill()
        for arguments in [
            [], ["--event", "exec"], ["--event", "exec,exit"], ["--pid", "41"], ["--process", "bash"],
            ["--path", "/etc/*"],
            ["--user", "1000", "--path", "/etc"], ["--container", "host"], ["--runtime", "docker"], ["--unit", "*"],
        ] {
            let stored = try Martlet.run(martlet.path, ["query", "--store", store, "-o", "json"] + arguments)
            let replayed = try Martlet.run(martlet.path, ["replay", path, "-o", "json"] + arguments)
            #expect(sorted(stored.output) == sorted(replayed.output), "\(arguments)")
        }
    }

    @Test func severalSinksGetAllEventsAndHaveTheirOwnLineInTheBooks() throws {
        let result = try martlet.run(
            "replay",
            path,
            "--event",
            "all",
            "-o",
            "json",
            "--sink",
            "stdout",
            "--sink",
            "sqlite:\(store)",
            "--sink",
            "file:\(folder.path("file"))"
        )
        #expect(result.exitCode == 0)
        #expect(result.output == live.json)
        #expect(folder.read("file") == live.json)
        #expect(result.errors.contains("\(store): 37 written, 0 lost\n"), "\(result.errors)")
        #expect(result.errors.contains("\(folder.path("file")): 37 written, 0 lost\n"))
        #expect(sorted(try query("--event", "all", "-o", "json").output) == sorted(live.json))
    }

    @Test func whatOneSinkRefusesTheOthersStillGet() throws {
        let result = try martlet.run(
            "replay",
            path,
            "--event",
            "open",
            "-o",
            "json",
            "--sink",
            "sqlite:\(store)",
            "--sink",
            "file:/dev/full"
        )
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("/dev/full: 0 written, 22 lost (22 by sink_failed)"), "\(result.errors)")
        #expect(!result.errors.contains("unexplained"))
        #expect(try query("-o", "json").lines.count == 22)
    }

    @Test func aReplayIntoTheSameStoreDoublesNothing() throws {
        try fill()
        try fill()
        #expect(sorted(try query("--event", "all", "-o", "json").output) == sorted(live.json))
    }

    @Test func aTableHasAHeadAndARowForEachEvent() throws {
        try fill()
        let result = try query("--path", "/etc/motd", "--limit", "2")
        #expect(result.lines.count == 3)
        #expect(result.lines.first?.hasPrefix("TIME ") ?? false)
        #expect(result.lines[1].hasSuffix("/etc/motd"))
    }

    @Test func timesChoose() throws {
        try fill()
        #expect(
            try query("--since", "2025-11-24T16:00:00Z", "--until", "2025-11-24T16:00:00.5Z", "-o", "json").lines.count
                > 5
        )
        #expect(try query("--since", "1m").text.isEmpty)
        #expect(try query("--until", "2025-11-24", "-o", "json").text.isEmpty)
        #expect(try query("--last", "2", "-o", "json").lines.count == 2)
    }

    @Test func anEmptyResultIsANoteAndNoError() throws {
        try fill()
        let result = try query("--path", "/no/where", "--event", "open")
        #expect(result.exitCode == 0)
        #expect(result.output.isEmpty)
        #expect(result.errors == "martlet: nothing found\n")
    }

    @Test func sqlIsAnsweredAsATableOrAsObjects() throws {
        try fill()
        let sql = "SELECT binary, count(*) AS n FROM files WHERE path = '/etc/motd' GROUP BY 1 ORDER BY 1"
        #expect(try query("--sql", sql).text == "BINARY         N\n/usr/bin/bash  20\n/usr/bin/cat    1\n")
        let json = try query("--sql", sql, "-o", "json")
        #expect(json.text == #"{"binary":"/usr/bin/bash","n":20}"# + "\n" + #"{"binary":"/usr/bin/cat","n":1}"# + "\n")
        let odd = try query(
            "--sql",
            "SELECT 'a' || char(27) || char(10) || '\"' AS x, NULL AS y, 1.5 AS z",
            "-o",
            "json"
        )
        #expect(odd.text == #"{"x":"a\u001b\n\"","y":null,"z":1.5}"# + "\n")
        #expect(try query("--sql", "SELECT 'a' || char(27) || char(10) AS x").text == "X\n" + #"a\x1b\n"# + "\n")
    }

    @Test(arguments: [
        ("SELECT pit FROM events", "no such column: pit at position 8; PRAGMA table_info(TABLE)"),
        ("DELETE FROM events", "refused, because martlet query only reads"),
        ("SELECT FROM", "syntax error"),
    ]) func aWrongStatementIsTold(sql: String, message: String) throws {
        try fill()
        let result = try query("--sql", sql)
        #expect(result.exitCode == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("martlet: --sql: "))
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(try query("-o", "json", "--event", "all").lines.count == live.json.count { $0 == 10 })
    }

    @Test func aLongQueryEndsWithAnInterrupt() throws {
        try fill()
        let process = Process()
        process.executableURL = URL(filePath: martlet.path)
        process.arguments = [
            "query", "--store", store, "--sql",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        usleep(1_000_000)
        process.interrupt()
        for _ in 0..<300 where process.isRunning { usleep(100_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 130)
    }

    @Test func aMissingStoreIsTold() throws {
        let result = try query()
        #expect(result.exitCode == 1)
        #expect(
            result.errors == "martlet: \(store): no store: martlet run --sink sqlite makes one, --store names another\n"
        )
    }

    @Test func aStoreThatCannotBeMadeIsTold() throws {
        let result = try martlet.run("replay", path, "--sink", "sqlite:\(folder.path("no/events.db"))")
        #expect(result.exitCode == 1)
        #expect(
            result.errors
                == "martlet: \(folder.path("no/events.db")): No such file or directory: make its folder first\n"
        )
        let foreign = try martlet.run("replay", path, "--sink", "sqlite:\(path)")
        #expect(foreign.exitCode == 1)
        #expect(foreign.errors == "martlet: \(path): this is no SQLite database: choose another file\n")
    }

    @Test func theUsualPlaceIsBelowTheUsersState() throws {
        guard geteuid() != 0 else { return }
        let state = ["XDG_STATE_HOME": folder.path("state")] as [String: String?]
        #expect(try martlet.run("replay", path, "--sink", "sqlite", environment: state).exitCode == 0)
        #expect(try martlet.run("query", "-o", "json", environment: state).lines.count > 0)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become somebody else")) func whoMayReadTheFileMayQuery() throws {
        try fill()
        let program = folder.path("martlet")
        try FileManager.default.copyItem(atPath: martlet.path, toPath: program)
        let who = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs", program]
        let query = who + ["query", "--store", store, "-o", "json", "--event", "all"]
        let refused = try Martlet.run("/usr/bin/setpriv", query)
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("look at the permissions of the file and its folder"), "\(refused.errors)")
        #expect(chmod(store, 0o644) == 0)
        let result = try Martlet.run("/usr/bin/setpriv", query)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(sorted(result.output) == sorted(live.json))
        // Its own place, with the folders that lead there.
        let state = ["XDG_STATE_HOME": folder.path("state")] as [String: String?]
        #expect(chmod(folder.path(""), 0o777) == 0 && chmod(path, 0o644) == 0)
        let made = try Martlet.run("/usr/bin/setpriv", who + ["replay", path, "--sink", "sqlite"], environment: state)
        #expect(made.exitCode == 0, "\(made.errors)")
        let own = try Martlet.run("/usr/bin/setpriv", who + ["query", "-o", "json"], environment: state)
        #expect(own.lines.count > 20, "\(own.errors)")
    }
}
