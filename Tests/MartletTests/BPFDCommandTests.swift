import API
import Fixtures
import Foundation
import Testing

/// bpfd's verbs, as bpfd prints what they do.
@Suite(.timeLimit(.minutes(1))) struct BPFDCommandTests {
    private let martlet: Martlet
    private let folder: TemporaryFolder

    init() throws {
        martlet = try Martlet()
        folder = try TemporaryFolder()
    }

    /// Runs a verb against a server that is there for it alone.
    private func run(_ arguments: String..., agent: InventedAgent = InventedAgent([])) throws -> Martlet.Result {
        try agent.serve(in: folder) {
            try Martlet.run(martlet.path, ["bpfd"] + arguments + ["--grpc-addr", $0])
        }
    }

    @Test func aListHasTwoColumns() throws {
        let short = try run("ls", agent: InventedAgent([.named("passwords", "open", "exec")]))
        #expect(short.exitCode == 0)
        let expected = """
            NAME                TRACER
            passwords           open
            passwords           exec

            """
        #expect(short.text == expected)
        #expect(try run("ls").text == "NAME                TRACER\n")
        let long = String(repeating: "n", count: 18)
        let wide = try run("ls", agent: InventedAgent([.named(long, "exec")]))
        #expect(wide.text == "NAME                 TRACER\n\(long)   exec\n")
    }

    @Test func namesArePrintedOfWhatIsCreatedAndRemoved() throws {
        let agent = InventedAgent([])
        let files = try ["a.toml", "b.toml"].map { try folder.write(Array("tracer = 'exec' # odd".utf8), to: $0) }
        let created = try run("create", files[0], files[1], agent: agent)
        #expect(created.exitCode == 0 && created.text == "a\nb\n")
        #expect(created.errors == files.map { "bpfd: warning: \($0):1:1: odd\n" }.joined())
        let removed = try run("rm", "a", "b", agent: agent)
        #expect(removed.exitCode == 0 && removed.text == "a\nb\n" && removed.errors.isEmpty)
        let unknown = try run("rm", "a", agent: agent)
        #expect(unknown.exitCode == 1 && unknown.text.isEmpty && unknown.errors == "bpfd: there is no rule 'a'\n")
    }

    @Test func nothingIsCreatedWhenAFileCannotBeRead() throws {
        let (agent, good) = (InventedAgent([]), try folder.write(Array("tracer = 'exec'".utf8), to: "a.toml"))
        let result = try run("create", good, folder.path("none.toml"), agent: agent)
        #expect(result.exitCode == 1 && result.text.isEmpty)
        #expect(result.errors.hasPrefix("bpfd: \(folder.path("none.toml")): cannot be read"))
        let bad = try folder.write(Array("tracer = 'opne'".utf8), to: "b.toml")
        let fault = "bpfd: \(bad):1:10: tracer: no such tracer 'opne'; did you mean 'open'?\n"
        // The one before it does not hold either.
        #expect(try run("create", good, bad, agent: agent).errors == fault)
        #expect(try run("ls", agent: agent).text == "NAME                TRACER\n")
    }

    @Test func theVersionHasFiveLines() throws {
        let result = try martlet.run("bpfd", "version")
        #expect(result.exitCode == 0)
        #expect(
            result.text.wholeMatch(
                of:
                    #/bpfd:\n version     : .+\n git hash    : .+\n go version  : .+\n go compiler : .+\n platform    : linux\/.+\n/#
            ) != nil,
            "\(result.text)"
        )
    }

    @Test(arguments: [[], ["-h"], ["--help"], ["help"], ["frobnicate"]])
    func withoutAVerbItsUseIsToldOnStandardError(arguments: [String]) throws {
        let result = try Martlet.run(martlet.path, ["bpfd"] + arguments)
        #expect(result.exitCode == 1 && result.text.isEmpty)
        for verb in ["daemon", "create", "ls", "rm", "trace", "version"] {
            #expect(result.errors.contains("\n  \(verb) "), "\(result.errors)")
        }
        #expect(result.errors.hasPrefix("frobnicate: no such command\n") == (arguments == ["frobnicate"]))
    }

    @Test func wrongArgumentsEndItWithOne() throws {
        for arguments in [["create"], ["rm"], ["ls", "--frob"]] {
            let result = try Martlet.run(martlet.path, ["bpfd"] + arguments)
            #expect(result.exitCode == 1 && result.text.isEmpty && !result.errors.isEmpty, "\(arguments)")
        }
        let empty = try martlet.run("bpfd", "ls", "--grpc-addr", "")
        #expect(empty.exitCode == 1 && empty.errors == "bpfd: gRPC address cannot be empty\n")
        let nobody = try martlet.run("bpfd", "ls", "-d", "-grpc-addr", folder.path("none.sock"))
        #expect(nobody.exitCode == 1 && nobody.errors.contains("no agent listens on"))
    }

    @Test func aLinkOfItsNameIsBPFD() throws {
        let link = folder.path("bpfd")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: martlet.path)
        let version = try Martlet.run(link, ["version"])
        #expect(version.exitCode == 0 && version.text.hasPrefix("bpfd:\n"))
        #expect(try Martlet.run(link, []).exitCode == 1)
    }

    /// Ends when the agent does, which is offered its events once the stream is there.
    @Test func aTraceIsALineAnEventInTheTextOfLogrus() throws {
        let agent = InventedAgent([])
        let (shell, first) = (Who(40, start: 4000), Who(1, start: 0))
        let batch = Pipeline().batch([
            Records.snapshot(first, of: Who(0, start: 0), at: 1),
            Records.exec(shell, of: first, at: 10, binary: "/usr/bin/cat", args: ["cat", "a \"b\""]),
        ])
        let feed = agent.feed
        Thread.detachNewThread {
            while feed.clients.isEmpty { usleep(2000) }
            feed.offer(batch)
            feed.end()
        }
        let result = try run("trace", agent: agent)
        #expect(result.exitCode == 1 && result.text.isEmpty)
        let line = try #require(result.errors.split(separator: "\n").first)
        let message = #"map[string]string{\"argv\":\"/usr/bin/cat a \\\"b\\\"\", \"command\":\"cat\", "#
        #expect(line.contains(#" level=info msg=""# + message), "\(line)")
        #expect(line.hasPrefix("time=\"20"))
        #expect(line.hasSuffix(" container_id= container_runtime=not-found pid=40 tgid=1 tracer=exec"), "\(line)")
    }
}
