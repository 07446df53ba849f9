import Foundation
import Testing

extension Kernel {
    /// Packets that the kernel drops, each told once, with what its header says.
    @Suite struct TCPDropTests {
        private func drops(_ result: AgentRun.Result, port: Int?) -> [Event] {
            result.events.filter {
                $0.kind == "process_tcp_drop" && ($0.number("sport") == port || $0.number("dport") == port)
            }
        }

        /// Before 5.17 the kernel gives no reasons.
        private func expect(reason: String, _ events: [Event]) {
            let hasReasons = Machine.kernel >= (5, 17)
            #expect(Set(events.map { $0.text("reason") }) == [hasReasons ? reason : nil])
            #expect(events.allSatisfy { $0.has("reason_number") == hasReasons })
        }

        @Test(arguments: ["127.0.0.1", "::1"])
        func `23 connects to a closed port are 23 dropped SYNs of no process`(address: String) throws {
            let run = try AgentRun("tcp-drop")
            let (pid, outcome) = try workload("tcp-refused", "23", address)
            let result = try run.stop()
            let port = outcome.number("port")
            let events = drops(result, port: port)
            #expect(result.books.isAll(events.count, of: 23))
            for event in events {
                #expect(event.number("dport") == port)
                #expect(event.text("saddr") == address && event.text("daddr") == address)
                #expect(event.text("family") == (address == "::1" ? "AF_INET6" : "AF_INET"))
                #expect(event.text("flags") == "SYN")
                #expect(event.number("payload") == 0)
                #expect(!event.has("process") && !event.has("state") && !event.has("marks"))
                // On loopback the packet comes in in the client's time.
                #expect(event.number("on_cpu.pid") == Int(pid))
                #expect(event.has("netns"))
            }
            #expect(Set(events.compactMap { $0.number("sport") }).count == events.count)
            #expect(Set(events.compactMap { $0.number("seq") }).count == events.count)
            expect(reason: "NO_SOCKET", events)
            #expect(result.books.unexplained == [])
        }

        @Test(arguments: ["127.0.0.1", "::1"])
        func `31 segments with a wrong checksum are 31 drops with their sequence numbers and flags`(address: String)
            throws
        {
            let run = try AgentRun("tcp-drop")
            let (_, outcome) = try workload("tcp-bad-checksum", "31", address)
            let result = try run.stop()
            let events = drops(result, port: outcome.number("port"))
            #expect(result.books.isAll(events.count, of: 31))
            #expect(Set(events.compactMap { $0.number("seq") }).isSubset(of: Set(1000..<1031)))
            #expect(Set(events.compactMap { $0.number("seq") }).count == events.count)
            #expect(events.allSatisfy { $0.text("flags") == "SYN|PSH|URG" })
            #expect(events.allSatisfy { $0.number("sport") == outcome.number("sport") })
            expect(reason: "TCP_CSUM", events)
        }

        @Test(
            .enabled(
                if: Machine.kernel >= (6, 11),
                "the kernel does not tell which socket a packet had come to, or drops it unseen"
            ),
            arguments: ["127.0.0.1", "::1"]
        ) func `What is dropped at a connection is of the process that owns it`(address: String) throws {
            let run = try AgentRun("tcp-drop")
            let (pid, outcome) = try workload("tcp-stray", "29", address)
            let result = try run.stop()
            let events = drops(result, port: outcome.number("port")).filter { $0.text("flags") == "RST" }
                .filter { $0.number("seq") == 0 }
            #expect(result.books.isAll(events.count, of: 29))
            #expect(events.allSatisfy { $0.pid == Int(pid) })
            #expect(events.allSatisfy { $0.text("state") == "ESTABLISHED" && $0.has("socket.id") })
            #expect(events.allSatisfy { ($0.text("reason") ?? "").hasSuffix("_SEQUENCE") })
        }

        @Test(arguments: ["127.0.0.1", "::1"])
        func `Nothing of a healthy connection is dropped`(address: String) throws {
            let run = try AgentRun("tcp-drop")
            let (_, outcome) = try workload("tcp-life", address)
            let result = try run.stop()
            #expect(outcome.number("port") != nil)
            // What nobody read is dropped with the socket: the other end's FIN.
            let events = drops(result, port: outcome.number("port")).filter { $0.text("flags") != "FIN|ACK" }
            #expect(events.isEmpty, "\(events.map(\.body))")
        }

        @Test func `bpfd's lines and its name of the tracer`() throws {
            let run = try AgentRun("tcpdrop", format: "bpfd")
            try workload("tcp-refused", "7", "127.0.0.1")
            run.child.signal(SIGINT)
            let outcome = try run.child.wait()
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count >= 7 && lines.allSatisfy { $0.hasPrefix("tcpdrop\t") })
        }
    }
}
