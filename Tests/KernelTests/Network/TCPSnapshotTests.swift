import Foundation
import Testing

extension Kernel {
    @Suite struct TCPSnapshotTests {
        @Test(arguments: [[], ["unshare", "--net", "--"]])
        func `What was there before is told once, with its owner, and goes on without a gap`(wrapper: [String]) throws {
            let command = try Products.workload()
            // A new network namespace has its loopback down.
            let isApart = !wrapper.isEmpty
            let holder = try Child(
                isApart
                    ? wrapper + ["/bin/sh", "-ec", "ip link set lo up; exec \(command) tcp-hold 127.0.0.1"]
                    : [command, "tcp-hold", "127.0.0.1"]
            )
            #expect(eventually { holder.output.contains("waiting=") })
            let run = try AgentRun("tcp")
            holder.signal(SIGTERM)
            let outcome = try holder.wait()
            let result = try run.stop()
            #expect(result.books.unexplained == [])
            let port = try #require(outcome.number("port"))
            let sport = try #require(outcome.number("sport"))
            let waiting = try #require(outcome.number("waiting"))
            let found = result.events.filter {
                $0.text("operation") == "snapshot" && ($0.number("sport") == port || $0.number("dport") == port)
            }
            func one(_ own: Int, _ other: Int?) throws -> Event {
                let matching = found.filter { $0.number("sport") == own && $0.number("dport") == other }
                #expect(matching.count == 1, "\(own) \(String(describing: other))")
                return try #require(matching.first)
            }
            for (event, state) in [
                (try one(port, nil), "LISTEN"), (try one(port, sport), "ESTABLISHED"),
                (try one(sport, port), "ESTABLISHED"),
            ] {
                #expect(event.text("state") == state)
                #expect(event.pid == Int(holder.pid))
                #expect(event.has("socket.inode"))
                #expect(!event.has("on_cpu.pid"))
            }
            // Nobody holds that one's other end: only the agent's own namespace can be asked for such.
            if !isApart {
                let alone = try one(port, waiting)
                #expect(alone.text("state") == "ESTABLISHED")
                #expect(!alone.has("process.pid"))
            }
            let closes = result.events.filter { $0.number("sport") == sport && $0.text("operation") == "state" }
            #expect(closes.first?.text("old_state") == "ESTABLISHED")
            #expect(closes.allSatisfy { $0.pid == Int(holder.pid) })
        }
    }
}
