import Foundation
import Testing

extension Kernel {
    @Suite struct TCPCallTests {
        private func events(_ result: AgentRun.Result, port: Int?) -> [Event] {
            result.events.filter { $0.number("sport") == port || $0.number("dport") == port }
        }

        @Test(arguments: ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
        func `23 refused connects are 23 failed calls with the error and where they wanted to go`(address: String)
            throws
        {
            let run = try AgentRun("tcp")
            let (pid, outcome) = try workload("tcp-refused", "23", address)
            let result = try run.stop()
            let all = events(result, port: outcome.number("port"))
            let calls = all.filter { $0.text("operation") == "connect" }
            #expect(result.books.isAll(calls.count, of: 23))
            for call in calls {
                #expect(call.text("error") == "ECONNREFUSED")
                #expect(call.number("result") == -111)
                #expect(call.text("daddr") == (address == "::1" ? "::1" : "127.0.0.1"))
                #expect(call.list("marks").contains("v4_mapped") == address.hasPrefix("::ffff:"))
                #expect(call.pid == Int(pid))
            }
            let states = all.filter { $0.text("operation") == "state" }
            #expect(states.count == 46)
            #expect(states.filter { $0.text("state") == "CLOSE" }.allSatisfy { $0.text("error") == "ECONNREFUSED" })
            #expect(states.allSatisfy { $0.pid == Int(pid) })
            #expect(result.books.totalLost == 0)
        }

        @Test func `A connect that fails after its call returned tells by the socket's error`() throws {
            let run = try AgentRun("tcp")
            let (pid, outcome) = try workload("tcp-refused-later", "127.0.0.1")
            let all = events(try run.stop(), port: outcome.number("port"))
            #expect(all.count { $0.text("operation") == "connect" } == 0)
            let closed = all.filter { $0.text("old_state") == "SYN_SENT" && $0.text("state") == "CLOSE" }
            #expect(closed.count == 1)
            #expect(closed.first?.text("error") == "ECONNREFUSED")
            #expect(closed.first?.pid == Int(pid))
        }

        @Test func `What a child accepts from its parent's listener is the child's`() throws {
            let run = try AgentRun("tcp")
            let (_, outcome) = try workload("tcp-prefork", "127.0.0.1")
            let all = events(try run.stop(), port: outcome.number("port"))
            let accepts = all.filter { $0.text("operation") == "accept" }
            #expect(accepts.count == 1)
            #expect(accepts.first?.pid == outcome.number("worker"))
            #expect(accepts.first?.number("result") ?? -1 >= 0)
            #expect(accepts.first?.text("state") == "ESTABLISHED")
            let born = try #require(all.first { $0.text("state") == "SYN_RECV" })
            #expect(born.pid == outcome.number("listener"))
            let ends = all.filter { $0.number("sport") == outcome.number("port") && $0.text("state") == "FIN_WAIT1" }
            #expect(ends.map(\.pid) == [outcome.number("worker") ?? 0])
        }

        @Test func `Of several listeners on one port each connection has the one that it came to`() throws {
            let run = try AgentRun("tcp")
            let (pid, outcome) = try workload("tcp-reuseport", "127.0.0.1", "5")
            let all = events(try run.stop(), port: outcome.number("port"))
            let listeners = Set(all.filter { $0.text("state") == "LISTEN" }.map(\.pid))
            #expect(listeners.count == 5)
            let born = all.filter { $0.text("state") == "SYN_RECV" }
            #expect(born.count == 97)
            #expect(Set(born.map(\.pid)).isSubset(of: listeners))
            #expect(Set(born.map(\.pid)).count > 1)
            #expect(!listeners.contains(Int(pid)))
            // Nobody accepted them: each ends with its listener.
            for event in born {
                let socket = event.text("socket.id")
                let last = all.last { $0.text("socket.id") == socket && $0.text("state") == "CLOSE" }
                #expect(last?.pid == event.pid)
            }
        }

        @Test func `61 threads that wait in accept lose no connection`() throws {
            let run = try AgentRun("tcp")
            let (pid, outcome) = try workload("tcp-threads", "61", "127.0.0.1")
            let result = try run.stop()
            let accepts = events(result, port: outcome.number("port")).filter { $0.text("operation") == "accept" }
            #expect(result.books.isAll(accepts.count, of: 61))
            #expect(accepts.allSatisfy { $0.pid == Int(pid) })
            #expect(Set(accepts.compactMap { $0.number("process.tid") }).count == accepts.count)
            #expect(result.books.totalLost == 0)
        }

        @Test func `Both ends of 307 connections in one thread are the thread's`() throws {
            let run = try AgentRun("tcp")
            let (pid, outcome) = try workload("tcp-connect", "307", "127.0.0.1")
            let result = try run.stop()
            let all = events(result, port: outcome.number("port"))
            // and the listener's two
            #expect(result.books.isAll(all.count { $0.text("operation") == "state" }, of: 6 * 307 + 2))
            #expect(result.books.isAll(all.count { $0.text("operation") == "accept" }, of: 307))
            #expect(all.allSatisfy { $0.pid == Int(pid) })
            #expect(result.books.unexplained == [])
        }

        @Test func `In a storm of connections the transitions add up`() throws {
            let connections = Machine.scaled(30011, least: 307)
            let run = try AgentRun("tcp")
            let (_, outcome) = try workload("tcp-storm", "\(connections)", "127.0.0.1")
            let result = try run.stop()
            let port = outcome.number("port")
            let all = events(result, port: port)
            let lost = result.books.row("tcp").lost
            // and the listener's two
            #expect(all.count { $0.text("operation") == "state" } + lost == 6 * connections + 2)
            #expect(result.books.isAll(all.count { $0.text("operation") == "accept" }, of: connections))
            // An interrupt may hit the program itself: then the kernel leaves that run out, and counts it.
            #expect(lost <= result.books.missed + (result.books.lost["reentered"] ?? 0))
            #expect(all.allSatisfy { $0.pid == outcome.number("server") || $0.pid == outcome.number("client") })
            #expect(result.books.unexplained == [])
        }

        @Test func `Owners that there is no room for are marked, and no event is lost`() throws {
            let run = try AgentRun("tcp", ["--tcp-sockets", "1"])
            let holder = try Child([try Products.workload(), "tcp-hold", "127.0.0.1"])
            #expect(eventually { holder.output.contains("waiting=") })
            holder.signal(SIGTERM)
            let outcome = try holder.wait()
            let result = try run.stop()
            let all = events(result, port: outcome.number("port"))
            #expect(all.contains { $0.list("marks").contains("owner_lost") })
            #expect(result.books.totalLost == 0)
        }
    }
}
