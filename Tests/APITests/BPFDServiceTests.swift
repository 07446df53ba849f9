import API
import BPFDAPI
import Collector
import Fixtures
import Formats
import Foundation
import GRPCCore
import Glibc
import Logging
import Model
import Synchronization
import Testing

/// bpfd's service on the control socket, asked by a real client over a real connection.
@Suite(.timeLimit(.minutes(1))) struct BPFDServiceTests {
    private struct Agent: AgentControl {
        let rules: (any RuleControl)?

        func status() async throws -> AgentStatus { AgentStatus() }
        func reload() async -> ReloadOutcome { ReloadOutcome() }
    }

    private let folder: TemporaryFolder
    private let rules = InventedRules([.passwords])
    private let feed = EventFeed(node: "node-1")
    private let server: ControlServer
    private let client: ControlClient
    private let shell = Who(40, start: 4000)
    private let first = Who(1, start: 0)

    init() throws {
        folder = try TemporaryFolder()
        let path = folder.path("bpfd.sock")
        server = try ControlServer(
            try UnixListener(path: path),
            ControlServer.Service(
                access: Access(owner: geteuid()),
                control: Agent(rules: rules),
                feed: feed,
                node: "node-1",
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        server.start()
        client = ControlClient(socket: path)
    }

    private func code(_ question: @escaping @Sendable (ControlClient.BPFDService) async throws -> Void) throws
        -> (RPCError.Code, String)?
    {
        try client.callBPFD { agent in
            do {
                try await question(agent)
                return nil
            } catch let error as RPCError {
                return (error.code, error.message)
            }
        }
    }

    private func create(_ change: @escaping @Sendable (inout Grpc_Rule) -> Void) throws -> (RPCError.Code, String)? {
        try code { agent in
            _ = try await agent.createRule(
                .with {
                    $0.rule.name = "shells"
                    $0.rule.tracer = "exec"
                    change(&$0.rule)
                }
            )
        }
    }

    @Test func aRuleIsListedOnceForEachOfItsTracers() throws {
        let list = try client.callBPFD { try await $0.listRules(.init()).rules }
        #expect(list.map(\.name) == ["passwords", "passwords"] && list.map(\.tracer) == ["open", "exec"])
        let rule = try #require(list.first)
        #expect(
            rule.filterEvents.mapValues(\.values) == ["filename": ["/etc/shadow", "/etc/passwd"], "command": ["su"]]
        )
        #expect(rule.containerRuntimes == ["docker", "kube"] && rule.actions == ["stdout"])
    }

    @Test func aRuleOfAMessageIsTheTextOfAFile() throws {
        #expect(
            try create {
                $0.actions = ["stdout", "kill"]
                $0.containerRuntimes = ["docker"]
                $0.filterEvents["command"] = .with { $0.values = ["sudo", "su"] }
                $0.filterEvents["argv"] = .with { $0.values = ["x"] }
            } == nil
        )
        let expected = """
            add :name = "shells"
            tracer = "exec"
            actions = ["stdout", "kill"]
            containerRuntimes = ["docker"]

            [filterEvents."argv"]
            values = ["x"]

            [filterEvents."command"]
            values = ["sudo", "su"]

            """
        #expect(rules.asked.withLock { $0 } == [expected])
    }

    @Test func noTextOfARuleCanEndItsString() throws {
        #expect(
            try create {
                $0.name = "a\"]\n[x]\\\u{0}\u{7f}ü"
                $0.filterEvents["k\"\n"] = .with { $0.values = ["\u{1f}\""] }
            } == nil
        )
        let expected = #"""
            add :name = "a\"]\u000a[x]\\\u0000\u007fü"
            tracer = "exec"

            [filterEvents."k\"\u000a"]
            values = ["\u001f\""]

            """#
        #expect(rules.asked.withLock { $0 } == [expected])
    }

    @Test func whatIsWrongWithARuleIsToldWithAllOfIt() throws {
        let (code, message) = try #require(try create { $0.name = "bad" })
        #expect(code == .invalidArgument && message == ":1:1: bad\n:2:1: worse")
        #expect(try create { $0.name = "" }?.0 == .invalidArgument)
        #expect(try create { $0.tracer = "" }?.0 == .invalidArgument)
        #expect(rules.asked.withLock { $0.count } == 1)
    }

    @Test func aRuleIsRemovedFromOneTracerOrFromAll() throws {
        func remove(_ name: String, _ tracer: String) throws -> RPCError.Code? {
            try code { agent in
                _ = try await agent.removeRule(
                    .with {
                        $0.name = name
                        $0.tracer = tracer
                    }
                )
            }?.0
        }
        #expect(try remove("none", "") == .notFound)
        #expect(try remove("", "exec") == .invalidArgument)
        #expect(try remove("stuck", "exec") == .failedPrecondition)
        #expect(try remove("passwords", "") == nil)
        #expect(rules.asked.withLock { $0 } == ["remove none -", "remove stuck exec", "remove passwords -"])
    }

    /// Streams until there are so many events, of what is offered once the stream is there.
    private func stream(_ count: Int, _ batches: [EventBatch]) throws -> [Grpc_Event] {
        let feed = feed
        return try client.callBPFD { agent in
            try await agent.liveTrace(.init()) { response in
                while feed.clients.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
                for batch in batches { feed.offer(batch) }
                var events: [Grpc_Event] = []
                for try await event in response.messages {
                    events.append(event)
                    if events.count == count { return events }
                }
                return events
            }
        }
    }

    @Test func eventsComeWithBPFDsMeaningOfTheirFields() throws {
        let id = String(repeating: "ab", count: 32)
        let pipeline = Pipeline()
        let exec = Records.exec(shell, of: first, at: 10, binary: "/usr/bin/cat", args: ["cat", "a b"]) {
            $0.body.credentials.uid = 1000
            $0.body.credentials.gid = 100
            $0.body.cgroup = $0.text("/docker/\(id)")
        }
        let batch = pipeline.batch([
            Records.snapshot(first, of: Who(0, start: 0), at: 1), exec, Records.open(shell, at: 20, path: nil),
            Records.exit(Who(50, start: 5000), at: 25), Records.execFailed(first, at: 30),
            Records.shell(first, at: 40, line: Array("sudo -i".utf8)),
        ])
        let events = try stream(4, [batch])
        #expect(events.map(\.tracer) == ["exec", "open", "exec", "bashreadline"])
        #expect(events.map(\.pid) == [40, 40, 1, 1] && events.map(\.tgid) == [1, 1, 0, 0])
        #expect(events.map(\.returnValue) == [0, -2, -2, 0])
        #expect(events.map(\.containerRuntime) == ["docker", "docker", "not-found", "not-found"])
        #expect(events.map(\.containerID) == [id, id, "", ""])
        #expect(events.map(\.command) == ["cat", "cat", "init", "sudo -i"])
        #expect(events[0].uid == 1000 && events[0].gid == 100)
        let data = [
            "argv": "/usr/bin/cat a b", "type": "1", "command": "cat", "returnval": "0", "pid": "40", "ppid": "1",
            "uid": "1000", "gid": "100",
        ]
        #expect(events[0].data == data)
        #expect(events[1].data["filename"] == "motd" && events[1].data["returnval"] == "-2")
        #expect(events[3].data["command"] == "sudo -i")
    }

    @Test func aNameOfAnyBytesIsValidText() throws {
        let names: [[UInt8]] = [
            [0xff, 0x41, 0xc3], Array("ü\u{1b}[m".utf8), [], [UInt8](repeating: 0x61, count: 5000), [0x5c, 0xfe],
        ]
        let batch = Pipeline().batch(
            names.enumerated().map { index, name in
                Records.open(shell, at: UInt64(10 + index)) { $0.body.name = $0.text(name) }
            }
        )
        let expected = [#"\xffA\xc3"#, "ü\u{1b}[m", "", String(repeating: "a", count: 5000), #"\\\xfe"#]
        #expect(try stream(5, [batch]).map { $0.data["filename"] } == expected)
    }

    @Test func twoClientsGetEachEventOnceEach() throws {
        let pipeline = Pipeline()
        let batches = (0..<20).map { part in
            pipeline.batch(
                (0..<100).map { Records.open(shell, at: UInt64(9000 + part * 100 + $0), name: "\(part * 100 + $0)") }
            )
        }
        let (feed, expected) = (feed, (0..<2000).map(String.init))
        try client.callBPFD { agent in
            try await withThrowingTaskGroup(of: [String].self) { streams in
                for _ in 0..<2 {
                    streams.addTask {
                        try await agent.liveTrace(.init()) { response in
                            var names: [String] = []
                            for try await event in response.messages {
                                names.append(event.data["filename"] ?? "")
                                if names.count == 2000 { return names }
                            }
                            return names
                        }
                    }
                }
                while feed.clients.count < 2 { try await Task.sleep(for: .milliseconds(2)) }
                for batch in batches { feed.offer(batch) }
                for try await names in streams { #expect(names == expected) }
            }
        }
    }

    @Test func whatAClientDoesNotTakeInTimeIsCountedAndHoldsUpNobody() throws {
        let (feed, batch) = (feed, Pipeline().batch((0..<2003).map { Records.open(shell, at: UInt64(9000 + $0)) }))
        let (sent, dropped) = try client.callBPFD { agent in
            try await agent.liveTrace(.init()) { response in
                while feed.clients.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
                // Not read: what flow control, the queue and the socket hold is less than this.
                for _ in 0..<150 {
                    feed.offer(batch)
                    try await Task.sleep(for: .milliseconds(2))
                }
                // Behind all that was offered, on the same loop.
                #expect(try await agent.listRules(.init()).rules.count == 2)
                let dropped = feed.clients[0].dropped.total
                var events = 0
                for try await _ in response.messages {
                    events += 1
                    if events + Int(dropped) == 150 * 2003 { break }
                }
                return (events, dropped)
            }
        }
        #expect(dropped > 0 && sent + Int(dropped) == 150 * 2003)
    }

    @Test func theEndOfTheAgentEndsAStream() throws {
        let feed = feed
        let ended = try code { agent in
            try await agent.liveTrace(.init()) { response in
                while feed.clients.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
                feed.end()
                for try await _ in response.messages {}
            }
        }
        #expect(ended?.0 == .unavailable)
    }
}
