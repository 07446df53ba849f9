import API
import Collector
import Fixtures
import Foundation
import GRPCCore
import Glibc
import Logging
import MartletV1
import Model
import Outputs
import Synchronization
import Testing

/// The control socket, with real connections, and an agent that answers what the test says.
@Suite(.timeLimit(.minutes(1))) struct ControlServerTests {
    /// An agent that needs no kernel.
    private final class Agent: AgentControl {
        let reloads = Mutex(0)

        func status() async throws -> AgentStatus {
            var status = AgentStatus()
            status.version = "1.2.3"
            status.ledger.produced[.exec] = 23
            status.ledger.written[.exec] = 19
            status.ledger.lost[.exec, .ringFull] = 4
            return status
        }

        func reload() async -> ReloadOutcome {
            reloads.withLock { $0 += 1 }
            var outcome = ReloadOutcome()
            outcome.problems = ["a.yaml:1:1: broken"]
            return outcome
        }
    }

    private final class Count: Sendable { let value = Mutex(0) }

    private let folder: TemporaryFolder
    private let path: String
    private let agent = Agent()
    private let feed = EventFeed(node: "node-1")
    private let server: ControlServer
    private let who = Who(40, start: 4000)

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("a.sock")
        server = try ControlServer(
            try UnixListener(path: path),
            ControlServer.Service(
                access: Access(owner: geteuid()),
                control: agent,
                feed: feed,
                node: "node-1",
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        server.start()
    }

    private var client: ControlClient { ControlClient(socket: path) }

    private func opens(_ count: Int) -> EventBatch {
        Pipeline().batch((0..<count).map { Records.open(who, at: UInt64(9000 + $0)) })
    }

    /// A connection without gRPC.
    private func connect() -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if result != 0 {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    private func version() throws -> String { try client.call { try await $0.getStatus(.init()).version } }

    @Test func aStatusAndTheBooksAreToldWithAllThatTheyHold() throws {
        #expect(try version() == "1.2.3")
        let ledger = try client.call { try await $0.getLedger(.init()) }
        let exec = try #require(ledger.kinds.first { $0.kind == "exec" })
        #expect(exec.produced == 23 && exec.written == 19)
        #expect(exec.losses.map(\.reason) == ["ring_full"] && exec.losses.map(\.count) == [4])
        #expect(ledger.text.contains("lost 4 by ring_full"))
    }

    @Test func whatIsWrongWithAConfigurationIsAnAnswer() throws {
        #expect(try client.call { try await $0.reload(.init()).problems } == ["a.yaml:1:1: broken"])
        #expect(agent.reloads.withLock { $0 } == 1)
    }

    @Test func eventsComeFromTheStartOfTheStreamOn() throws {
        let (feed, batch) = (feed, opens(23))
        let lines = try client.call { agent in
            try await agent.streamEvents(.init()) { response in
                var lines = 0
                for try await message in response.messages {
                    switch message.content {
                    case .started(let started):
                        #expect(started.node == "node-1")
                        feed.offer(batch)
                    case .batch(let batch):
                        lines += batch.lines.count { $0 == UInt8(ascii: "\n") }
                        #expect(batch.count == 23)
                        return lines
                    default: Issue.record("\(message)")
                    }
                }
                return lines
            }
        }
        #expect(lines == 23)
    }

    @Test(arguments: [
        ("events", "exce", "events: 'exce' is not one of all,", "did you mean exec?"),
        ("users", "no-such-user", "users: 'no-such-user' is not a number or the name of a user", ""),
        ("runtimes", "dokcer", "runtimes: 'dokcer' is not one of", "did you mean docker?"),
        ("paths", "", "paths: '' is not a text that is not empty", ""),
        ("pods", "a\u{0}b", "pods: 'a\\u{0}b' is not", ""),
    ])
    func aWrongFilterIsRefusedWithItsField(field: String, text: String, start: String, end: String) throws {
        var request = Martlet_V1_StreamEventsRequest()
        switch field {
        case "events": request.filter.events = [text]
        case "users": request.filter.users = [text]
        case "runtimes": request.filter.runtimes = [text]
        case "pods": request.filter.pods = [text]
        default: request.filter.paths = [text]
        }
        let call = request
        let failure = #expect(throws: ControlClientFailure.self) {
            try client.call { agent in
                try await agent.streamEvents(call) { response in for try await _ in response.messages {} }
            }
        }
        #expect("\(failure!)".hasPrefix(start) && "\(failure!)".hasSuffix(end), "\(failure!)")
        #expect(feed.clients.isEmpty)
    }

    @Test func aClientThatDisconnectsInTheMiddleLeavesNothingBehind() throws {
        let (feed, batch) = (feed, opens(997))
        for _ in 0..<5 {
            try client.call { agent in
                try await agent.streamEvents(.init()) { response in
                    for try await _ in response.messages {
                        for _ in 0..<10 { feed.offer(batch) }
                        return
                    }
                }
            }
        }
        for _ in 0..<200 where !feed.clients.isEmpty {
            // What is offered makes a stream notice that it is over.
            feed.offer(batch)
            usleep(20_000)
        }
        #expect(feed.clients.isEmpty)
        #expect(try version() == "1.2.3")
    }

    @Test func aClientThatStopsReadingHoldsUpNobodyAndIsToldWhatItMissed() throws {
        let (feed, batch) = (feed, opens(2003))
        let (lines, dropped) = try client.call { agent in
            try await agent.streamEvents(.init()) { response in
                var lines = 0
                var dropped = 0
                var messages = response.messages.makeAsyncIterator()
                _ = try await messages.next()
                // Not read: what flow control, the queue and the socket hold is less than this.
                for _ in 0..<150 {
                    feed.offer(batch)
                    try await Task.sleep(for: .milliseconds(2))
                }
                let other = try await agent.getStatus(.init())
                #expect(other.version == "1.2.3")
                while lines + dropped < 150 * 2003, let message = try await messages.next() {
                    lines += Int(message.batch.count)
                    dropped += Int(message.dropped.count)
                    if case .dropped(let gap) = message.content {
                        let text = String(decoding: gap.lines, as: UTF8.self)
                        #expect(text.hasPrefix(#"{"loss":{"event":"open","reason":"queue_full""#), "\(text)")
                        #expect(gap.kinds.map(\.kind) == ["open"])
                    }
                }
                return (lines, dropped)
            }
        }
        #expect(dropped > 0)
        #expect(lines + dropped == 150 * 2003)
    }

    @Test func garbageEndsItsConnectionAndDisturbsNoOther() throws {
        let garbage: [[UInt8]] = [
            Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), (0..<100_000).map { _ in .random(in: 0...255) },
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [UInt8](repeating: 0xff, count: 4096),
            [0x16, 0x03, 0x01, 0x02, 0x00],
        ]
        for bytes in garbage {
            let descriptor = connect()
            #expect(descriptor >= 0)
            _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            #expect(try version() == "1.2.3")
            close(descriptor)
        }
        #expect(try version() == "1.2.3")
    }

    @Test func whoConnectsAndSaysNothingDisturbsNoOther() throws {
        let silent = (0..<50).map { _ in connect() }
        #expect(silent.allSatisfy { $0 >= 0 })
        #expect(try version() == "1.2.3")
        for descriptor in silent { close(descriptor) }
    }

    @Test func moreConnectionsThanThereMayBeAreClosedAndOthersComeAgainAfterwards() throws {
        let many = (0..<400).map { _ in connect() }
        for descriptor in many where descriptor >= 0 { close(descriptor) }
        var answer: String?
        for _ in 0..<100 where answer == nil {
            answer = try? version()
            if answer == nil { usleep(20_000) }
        }
        #expect(answer == "1.2.3")
    }

    @Test func aFloodOfRequestsIsAnsweredOrRefusedAndNothingElse() throws {
        let (answered, refused) = try client.call { agent in
            try await withThrowingTaskGroup(of: Bool.self) { calls in
                for _ in 0..<1009 {
                    calls.addTask {
                        do {
                            return try await agent.getStatus(.init()).version == "1.2.3"
                        } catch let error as RPCError where error.code == .resourceExhausted {
                            return false
                        }
                    }
                }
                var counts = (0, 0)
                for try await answered in calls { if answered { counts.0 += 1 } else { counts.1 += 1 } }
                return counts
            }
        }
        #expect(answered + refused == 1009)
        #expect(answered > 0)
        #expect(try version() == "1.2.3")
    }

    @Test func theEndOfTheAgentEndsStreamsWithItsReason() throws {
        let (feed, batch) = (feed, opens(13))
        let seen = Count()
        let failure = #expect(throws: ControlClientFailure.self) {
            try client.call { agent in
                try await agent.streamEvents(.init()) { response in
                    for try await message in response.messages {
                        if case .started = message.content {
                            feed.offer(batch)
                            feed.end()
                        }
                        seen.value.withLock { $0 += Int(message.batch.count) }
                    }
                }
            }
        }
        #expect("\(failure!)" == "the agent has gone, or does not take this connection: the agent is ending")
        #expect(seen.value.withLock { $0 } == 13)
    }

    @Test func nobodyThereIsToldWithARemedy() {
        let failure = #expect(throws: ControlClientFailure.self) {
            try ControlClient(socket: folder.path("none.sock")).call { try await $0.getStatus(.init()) }
        }
        #expect("\(failure!)".contains("no agent listens on \(folder.path("none.sock")): start one"))
    }
}
