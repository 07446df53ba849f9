import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct DaemonTests {
        @Test func `Three clients each get every event, in order, and the books add up`() throws {
            let daemon = try DaemonRun("event: [open]\n")
            let clients = try (0..<3).map { _ in try daemon.trace(["--event", "open", "--path", "/etc/hostname"]) }
            let count = Machine.scaled(10007)
            let (pid, _) = try workload("open", "\(count)", "/etc/hostname")
            // What is still in the rings comes before the end.
            let (books, outcome) = try daemon.stop()
            for client in clients {
                let result = try client.wait(seconds: 60)
                #expect(result.code == 69)
                #expect(
                    result.errors.contains("the agent has gone, or does not take this connection: the agent is ending")
                )
                let events = try AgentRun.parse(result.output).filter { $0.pid == Int(pid) }
                #expect(events.count { $0.text("name") == "/etc/hostname" } == count)
                let times = events.map(\.time)
                #expect(times == times.sorted())
            }
            #expect(outcome.code == 0)
            #expect(books.unexplained == [])
            #expect(books.totalLost == 0)
        }

        @Test func `A client's filter is its own, and not that of the outputs`() throws {
            let folder = try TemporaryFolder()
            let daemon = try DaemonRun(
                "event: [open]\npath: [/etc/passwd]\nformat: json\nsink: [file:\(folder("out"))]\n"
            )
            let client = try daemon.trace(["--path", "/etc/hostname", "--count", "23"])
            let (other, _) = try workload("open", "19", "/etc/passwd")
            let (pid, _) = try workload("open", "23", "/etc/hostname")
            let events = try AgentRun.parse(try client.wait(seconds: 60).output)
            #expect(events.count == 23)
            #expect(events.allSatisfy { $0.pid == Int(pid) && $0.text("name") == "/etc/hostname" })
            _ = try daemon.stop()
            let written = try AgentRun.parse(Machine.contents(folder("out")))
            #expect(written.count { $0.pid == Int(other) && $0.text("name") == "/etc/passwd" } == 19)
            #expect(!written.contains { $0.text("name") == "/etc/hostname" })
        }

        @Test func `A trace ends with status 0 after its count, its time, and when nobody reads it`() throws {
            let daemon = try DaemonRun("event: [exec]\n")
            let counted = try daemon.trace(["--event", "exec", "--count", "3"])
            try shell("for i in 1 2 3 4 5; do /bin/true; done")
            let result = try counted.wait(seconds: 60)
            #expect(result.code == 0)
            #expect(result.output.split(separator: "\n").count == 3)
            #expect(try daemon.ask("trace", ["--duration", "1"]).code == 0)
            let piped = try Child([
                "/bin/sh", "-c",
                "\(try Products.martlet()) trace --socket \(daemon.socket) --event exec | head -n 1; "
                    + "echo done",
            ])
            usleep(500_000)
            #expect(
                try eventually(within: 30) {
                    try shell("/bin/true")
                    var information = siginfo_t()
                    waitid(P_PID, id_t(piped.pid), &information, WEXITED | WNOHANG | WNOWAIT)
                    return information.si_signo != 0
                }
            )
            #expect(try piped.wait(seconds: 10).output.hasSuffix("done\n"))
        }

        @Test func `A status tells what is watched, where events go, and who listens`() throws {
            let daemon = try DaemonRun("event: [exec, open]\n")
            let client = try daemon.trace(["--event", "exec"])
            try shell("/bin/true")
            #expect(
                try eventually {
                    let status = try daemon.ask("status", ["--books"])
                    return status.code == 0
                        && status.output.contains("watches     fork, exec, exit, open; ")
                        && status.output.contains("output      none: ")
                        && status.output.contains("configured  \(daemon.configuration)")
                        && status.output.contains("client      pid \(client.pid), uid 0: ")
                        && status.output.contains("produced     written    filtered        lost")
                }
            )
            let json = try daemon.ask("status", ["-o", "json"]).output
            let status = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
            #expect(
                (status["observations"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
                    == ["fork", "exec", "exit", "open"]
            )
            #expect(status["pid"] as? Int == Int(daemon.child.pid))
        }

        @Test func `A second daemon is refused with status 75, and the first goes on`() throws {
            let daemon = try DaemonRun("event: [exec]\n")
            let second = try Child([
                try Products.martlet(), "daemon", "--config", daemon.configuration, "--socket", daemon.socket,
            ])
            let outcome = try second.wait(seconds: 60)
            #expect(outcome.code == 75)
            #expect(outcome.errors.contains("another martlet, pid \(daemon.child.pid), listens on \(daemon.socket)"))
            #expect(try daemon.ask("status").code == 0)
        }

        @Test func `What a killed daemon leaves behind is no hindrance`() throws {
            let folder = try TemporaryFolder()
            let killed = try DaemonRun("event: [exec]\n", in: folder)
            killed.child.signal(SIGKILL)
            _ = try killed.child.wait(seconds: 60)
            #expect(access(folder("martlet.sock"), F_OK) == 0)
            let refused = try Child([try Products.martlet(), "status", "--socket", folder("martlet.sock")]).wait()
            #expect(refused.code == 69)
            let next = try DaemonRun("event: [exec]\n", in: folder)
            #expect(try next.ask("status").code == 0)
            #expect(try next.stop().outcome.code == 0)
            #expect(access(folder("martlet.sock"), F_OK) != 0)
        }

        @Test func `A recording that is there already ends a daemon with status 78: to start it again would not help`()
            throws
        {
            let folder = try TemporaryFolder()
            try "an older one".write(toFile: folder("r.rec"), atomically: true, encoding: .utf8)
            try "record: \(folder("r.rec"))\nsink: none\n".write(
                toFile: folder("m.yaml"),
                atomically: true,
                encoding: .utf8
            )
            let outcome = try Child([
                try Products.martlet(), "daemon", "--config", folder("m.yaml"), "--socket", folder("m.sock"),
            ]).wait(seconds: 60)
            #expect(outcome.code == 78)
            #expect(outcome.errors.contains("choose another name"), "\(outcome.errors)")
            #expect(Machine.contents(folder("r.rec")) == "an older one")
        }

        @Test func `A configuration that is wrong ends a daemon with status 78 before it watches`() throws {
            let folder = try TemporaryFolder()
            try "event: [exce]\nrign-size: 4M\n".write(toFile: folder("m.yaml"), atomically: true, encoding: .utf8)
            let outcome = try Child([
                try Products.martlet(), "daemon", "--config", folder("m.yaml"), "--socket", folder("m.sock"),
            ]).wait(seconds: 60)
            #expect(outcome.code == 78)
            #expect(outcome.errors.contains("\(folder("m.yaml")):1:9: event: 'exce' is not one of"))
            #expect(
                outcome.errors.contains("\(folder("m.yaml")):2:1: there is no key 'rign-size'; did you mean ring-size?")
            )
            #expect(access(folder("m.sock"), F_OK) != 0)
        }
    }
}
