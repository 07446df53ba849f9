import Fixtures
import Foundation
import Testing

/// `martlet replay`, on any machine and without root.
@Suite struct ReplayTests {
    private let martlet: Martlet
    private let folder: TemporaryFolder
    private let path: String
    private let live: (json: [UInt8], compact: [UInt8])

    init() throws {
        martlet = try Martlet()
        folder = try TemporaryFolder()
        path = folder.path("recording")
        live = try Recordings.write(to: path)
    }

    private static let all = "fork,exec,exec-failed,exit,open,heartbeat,snapshot,loss,container"

    @Test func aReplayWritesWhatTheRunWrote() throws {
        let json = try martlet.run("replay", path, "-o", "json", "--event", "all")
        #expect(json.exitCode == 0)
        #expect(json.output == live.json)
        #expect(try martlet.run("replay", path, "--event", Self.all).output == live.compact)
    }

    @Test func twoReplaysAreTheSameToTheByte() throws {
        let first = try martlet.run("replay", path, "-o", "json")
        let second = try martlet.run("replay", path, "-o", "json")
        #expect(first.output == second.output)
        #expect(!first.output.isEmpty)
    }

    @Test func filtersAreThoseOfARun() throws {
        #expect(try martlet.run("replay", path, "--event", "exec").lines.count == 1)
        #expect(try martlet.run("replay", path, "--event", "exec,exit").lines.count == 3)
        #expect(try martlet.run("replay", path, "--event", "open", "--pid", "41").lines.count == 2)
        #expect(try martlet.run("replay", path, "--event", "open", "--process", "bash").lines.count == 20)
        #expect(try martlet.run("replay", path, "--event", "open", "--path", "/etc/*").lines.count == 21)
        #expect(try martlet.run("replay", path, "--event", "open", "--user", "root").lines.isEmpty)
        #expect(try martlet.run("replay", path, "--event", "open", "--user", "1000").lines.count == 22)
    }

    @Test func aCountIsExact() throws {
        for count in [1, 5, 20] { #expect(try martlet.run("replay", path, "--count", "\(count)").lines.count == count) }
    }

    @Test func theSummaryIsOnStandardErrorUnlessItIsNotWanted() throws {
        let result = try martlet.run("replay", path)
        #expect(result.errors.hasPrefix("martlet: "))
        #expect(result.errors.contains(" written, "))
        #expect(!result.text.contains("written"))
        let quiet = try martlet.run("replay", path, "--quiet")
        #expect(quiet.errors.isEmpty)
        #expect(quiet.output == result.output)
    }

    @Test func theBooksOfAReplayAddUp() throws {
        let result = try martlet.run("replay", path, "--event", "open", "--count", "3")
        #expect(!result.errors.contains("unexplained"), "\(result.errors)")
    }

    @Test func eventsGoToAFileThatIsAskedFor() throws {
        let result = try martlet.run("replay", path, "-o", "json", "--event", "all", "--to", folder.path("events"))
        #expect(result.exitCode == 0)
        #expect(result.output.isEmpty)
        #expect(folder.read("events") == live.json)
    }

    @Test func aFileThatCannotBeWrittenIsToldWithItsReason() throws {
        let result = try martlet.run("replay", path, "--to", folder.path("no/events"))
        #expect(result.exitCode == 1)
        #expect(result.errors == "martlet: \(folder.path("no/events")): No such file or directory\n")
    }

    @Test func aFullDiskIsToldAndCounted() throws {
        let result = try martlet.run("replay", path, "--to", "/dev/full", "--event", "open")
        #expect(result.errors.contains("/dev/full: No space left on device"))
        #expect(result.errors.contains("lost 22 by sink_failed"))
        #expect(!result.errors.contains("unexplained"))
    }

    @Test func aMissingRecordingIsTold() throws {
        let result = try martlet.run("replay", folder.path("none"))
        #expect(result.exitCode == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors == "martlet: \(folder.path("none")): No such file or directory\n")
    }

    @Test func aForeignFileIsToldWithWhatMakesARecording() throws {
        let result = try martlet.run("replay", try folder.write(Array("hello".utf8), to: "other"))
        #expect(result.exitCode == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("this is no recording; martlet run --record FILE makes one"))
    }

    @Test func aRecordingThatWasCutIsReplayedAsFarAsItIsWhole() throws {
        let cut = try folder.write(Array(try #require(folder.read("recording")).dropLast()), to: "cut")
        let result = try martlet.run("replay", cut, "-o", "json", "--event", "all")
        #expect(result.exitCode == 1)
        #expect(!result.output.isEmpty)
        #expect(live.json.starts(with: result.output))
        #expect(result.errors.contains("\(cut): cut off: what begins at byte "))
    }
}
