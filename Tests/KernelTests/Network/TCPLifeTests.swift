import Foundation
import Testing

extension Kernel {
    @Suite struct TCPLifeTests {
        /// One event as `socket OLD→NEW owner`, where sockets and processes go by their role.
        private func line(_ event: Event, _ life: Child.Outcome) -> String {
            let port = life.number("port")
            let sport = life.number("sport")
            let role: String
            switch (event.number("sport"), event.number("dport")) {
            case (port, nil):
                role = event.text("old_state") == "LISTEN" && event.text("state") == "SYN_RECV" ? "s" : "L"
            case (port, _): role = "s"
            case (sport, port), (nil, port): role = "c"
            default: role = "?"
            }
            let who =
                switch event.pid {
                case life.number("server"): "S"
                case life.number("client"): "C"
                default: "?"
                }
            return "\(role) \(event.text("old_state") ?? "")→\(event.text("state") ?? "") \(who)"
        }

        /// The transitions of each socket in their order, with the owner: whoever's processor they happen on.
        private static let golden: [String: [String]] = [
            "L": ["CLOSE→LISTEN S", "LISTEN→CLOSE S"],
            "c": [
                "CLOSE→SYN_SENT C", "SYN_SENT→ESTABLISHED C", "ESTABLISHED→FIN_WAIT1 C", "FIN_WAIT1→FIN_WAIT2 C",
                "FIN_WAIT2→CLOSE C",
            ],
            "s": [
                "LISTEN→SYN_RECV S", "SYN_RECV→ESTABLISHED S", "ESTABLISHED→CLOSE_WAIT S", "CLOSE_WAIT→LAST_ACK S",
                "LAST_ACK→CLOSE S",
            ],
        ]

        private func life(_ command: String..., expectations: ([Event], Child.Outcome) throws -> Void) throws {
            let run = try AgentRun("tcp")
            let child = try Child([try Products.workload()] + command)
            let outcome = try child.wait()
            try #require(outcome.status == 0, "\(outcome.errors)")
            let result = try run.stop()
            #expect(result.books.totalLost == 0)
            #expect(result.books.unexplained == [])
            let port = try #require(outcome.number("port"))
            let events = result.events.filter { $0.number("sport") == port || $0.number("dport") == port }
            try expectations(events, outcome)
        }

        @Test(arguments: [["127.0.0.1"], ["::1"], ["::", "127.0.0.1"]])
        func `A connection's twelve transitions come in order, each with the owner of its socket`(addresses: [String])
            throws
        {
            try life("tcp-life", addresses[0], addresses.last ?? "") { events, outcome in
                let states = events.filter { $0.text("operation") == "state" }
                #expect(states.count == 12)
                let lines = states.map { line($0, outcome) }
                for (role, expected) in Self.golden {
                    #expect(lines.filter { $0.hasPrefix(role) } == expected.map { "\(role) \($0)" })
                }
                let isV6 = addresses == ["::1"]
                let connections = states.filter { $0.has("dport") }
                #expect(connections.allSatisfy { $0.text("family") == (isV6 ? "AF_INET6" : "AF_INET") })
                #expect(connections.allSatisfy { $0.text("daddr") == (isV6 ? "::1" : "127.0.0.1") })
                let mapped = connections.filter { $0.list("marks").contains("v4_mapped") }
                #expect(mapped.isEmpty == (addresses.count == 1))
                #expect(Set(states.compactMap { $0.text("socket.id") }).count == 3)
                #expect(Set(states.compactMap { $0.number("netns") }).count == 1)
            }
        }

        @Test func `Who was on the CPU is told apart from the owner`() throws {
            try life("tcp-life", "127.0.0.1") { events, outcome in
                let states = events.filter { $0.text("operation") == "state" }
                #expect(states.allSatisfy { $0.number("on_cpu.pid") != nil && $0.text("on_cpu.comm") != nil })
                // On loopback the client's own packet makes the server's socket, in the client's time; where there is much to do,
                // in the kernel's own.
                let born = try #require(states.first { $0.text("state") == "SYN_RECV" })
                let isLate = born.text("on_cpu.comm")?.hasPrefix("ksoftirqd/") == true
                #expect(isLate || born.number("on_cpu.pid") == outcome.number("client"))
                #expect(born.pid == outcome.number("server"))
                #expect(!born.has("process.tid"))
            }
        }

        @Test func `A socket's numbers are those of its file, and absent when there is none`() throws {
            try life("tcp-life", "127.0.0.1") { events, outcome in
                let client = events.filter { $0.pid == outcome.number("client") && $0.has("socket.inode") }
                #expect(Set(client.compactMap { $0.text("socket.inode") }).count == 1)
                #expect(client.allSatisfy { $0.number("socket.uid") == 0 && $0.number("socket.gid") == 0 })
                #expect(
                    client.contains {
                        $0.text("socket.state") == "SS_CONNECTED" || $0.text("socket.state") == "SS_CONNECTING"
                    }
                )
                // nobody has accepted it yet
                let born = try #require(events.first { $0.text("state") == "SYN_RECV" })
                for field in ["inode", "uid", "gid", "state"] { #expect(!born.has("socket.\(field)"), "\(field)") }
            }
        }

        @Test func `A connection that closes says how much went through it`() throws {
            try life("tcp-life", "127.0.0.1") { events, outcome in
                let closed = events.filter { $0.text("state") == "CLOSE" && $0.text("old_state") != "LISTEN" }
                #expect(closed.count == 2)
                for event in closed {
                    let isClient = event.pid == outcome.number("client")
                    #expect(event.text("bytes_sent") == (isClient ? "1" : "0"))
                    // the other end's FIN counts as a byte when it has come
                    #expect(["0", "1", "2"].contains(event.text("bytes_received") ?? ""))
                    #expect(event.text("bytes_retransmitted") == "0")
                    #expect(event.number("retransmits") == 0)
                    #expect(!event.has("error"))
                }
                #expect(events.filter { $0.text("state") != "CLOSE" }.allSatisfy { !$0.has("bytes_sent") })
            }
        }

        @Test func `A multipath connection's sockets are labelled`() throws {
            let run = try AgentRun("tcp")
            let child = try Child([try Products.workload(), "tcp-mptcp", "127.0.0.1"])
            let outcome = try child.wait()
            let result = try run.stop()
            // 77: this kernel has none
            if outcome.code == 77 { return }
            try #require(outcome.status == 0, "\(outcome.errors)")
            let port = try #require(outcome.number("port"))
            let events = result.events.filter { $0.number("sport") == port || $0.number("dport") == port }
            #expect(events.count > 11)
            #expect(events.allSatisfy { $0.list("marks").contains("mptcp") })
            #expect(Set(events.compactMap { $0.text("protocol") }) == ["IPPROTO_TCP", "IPPROTO_MPTCP"])
        }
    }
}
