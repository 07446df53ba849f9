import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct RecordingTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// Runs the agent with --record over some of everything.
        private func record(_ format: String, _ kinds: String, _ options: [String] = []) throws -> Data {
            let run = try AgentRun(
                kinds,
                ["--record", folder("recording"), "--to", folder("live")] + options,
                format: format
            )
            try workload("open-bytes", folder.path)
            try workload("exec", "23", "/bin/true", "one", "two words", "")
            try workload("exec-fail", "5", folder("missing"))
            try workload("open-deep", folder.path)
            try workload("thread-exit-race", "7")
            try workload("exec-memfd", "/bin/true")
            run.child.signal(SIGINT)
            let outcome = try run.child.wait()
            #expect(outcome.code == 0)
            #expect(Books(outcome.errors).totalLost == 0)
            return try #require(FileManager.default.contents(atPath: folder("live")))
        }

        @Test(arguments: ["json", "compact"])
        func `A recording replays to the same bytes`(format: String) throws {
            let kinds = "snapshot,fork,exec,exec-failed,exit,open,heartbeat,loss"
            let live = try record(format, kinds)
            #expect(live.count > 10000)
            // Without root, from which the live run had its events.
            let replayed = try Child([
                "setpriv", "--reuid", "1001", "--clear-groups", "--inh-caps", "-all",
                try copied(Products.martlet()), "replay", try readable("recording"), "-q", "-o", format, "--event",
                kinds,
            ])
            let outcome = try replayed.wait()
            #expect(outcome.code == 0, "\(outcome.errors)")
            // said in one word: the difference of two big files takes for ever to show
            let isSame = Data(outcome.output.utf8) == live
            #expect(isSame)
        }

        @Test func `A filter on a replay gives what it would have given live`() throws {
            let live = try record("json", "exec", ["--process", "true"])
            let outcome = try Child([
                try Products.martlet(), "replay", folder("recording"), "-q", "-o", "json", "--event", "exec",
                "--process", "true",
            ]).wait()
            // said in one word: the difference of two big files takes for ever to show
            let isSame = Data(outcome.output.utf8) == live
            #expect(isSame)
            #expect(try AgentRun.parse(outcome.output).count == 23)
        }

        @Test func `The recording holds what the filter left out`() throws {
            _ = try record("json", "exec")
            let outcome = try Child([
                try Products.martlet(), "replay", folder("recording"), "-o", "json", "--event", "fork",
            ]).wait()
            #expect(try AgentRun.parse(outcome.output).count { $0.kind == "process_fork" } >= 23)
        }

        @Test func `A recording that exists already is not overwritten`() throws {
            let kept = try folder.write("kept", to: "recording")
            let outcome = try Child([try Products.martlet(), "run", "--record", kept, "--duration", "1"]).wait()
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains(kept))
            #expect(Machine.contents(kept) == "kept")
        }

        /// Where anyone may run it: the build's folders may be root's alone.
        private func copied(_ program: String) throws -> String {
            try FileManager.default.copyItem(atPath: program, toPath: folder("martlet"))
            return folder("martlet")
        }

        /// The recording is its owner's alone.
        private func readable(_ name: String) throws -> String {
            #expect(chmod(folder(name), 0o644) == 0)
            return folder(name)
        }
    }
}
