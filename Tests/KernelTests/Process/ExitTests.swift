import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct ExitTests {
        /// What an exit event says, as wait(2) would.
        private func status(_ event: Event) throws -> Int32 {
            if let name = event.text("signal") {
                let number = try #require(Self.signals[name], "\(name)")
                return number | (event.flag("core_dumped") == true ? 0x80 : 0)
            }
            return Int32(try #require(event.number("status"))) << 8
        }

        private static let signals: [String: Int32] = [
            "SIGHUP": SIGHUP, "SIGINT": SIGINT, "SIGABRT": SIGABRT, "SIGKILL": SIGKILL, "SIGSEGV": SIGSEGV,
            "SIGTERM": SIGTERM, "SIGUSR1": SIGUSR1,
        ]

        @Test func `Exit codes are those that wait gives`() throws {
            var children: [(pid: pid_t, code: Int)] = []
            let result = try AgentRun.around("exit") {
                for code in [0, 1, 2, 97, 128, 255] {
                    children.append((try Child.run(try Products.workload(), "exit", "\(code)").pid, code))
                }
            }
            for (pid, code) in children {
                let exits = result.events("process_exit", pid: pid)
                #expect(exits.map { $0.number("status") } == [code])
                #expect(exits.first?.has("signal") == false)
            }
        }

        @Test func `A process that a signal killed tells which`() throws {
            var children: [(pid: pid_t, status: Int32)] = []
            let result = try AgentRun.around("exit") {
                for signal in [SIGHUP, SIGINT, SIGABRT, SIGKILL, SIGSEGV, SIGTERM, SIGUSR1] {
                    let child = try Child([try Products.workload(), "signal", "\(signal)"])
                    children.append((child.pid, try child.wait().status))
                }
            }
            for (pid, waited) in children {
                let exits = result.events("process_exit", pid: pid)
                try #require(exits.count == 1)
                #expect(try status(exits[0]) == waited)
                #expect(!exits[0].has("status"))
            }
        }

        @Test func `When the leader ends first, the process ends once and with its last thread`() throws {
            let run = try AgentRun("exit")
            let child = try Child([try Products.workload(), "thread-exit"])
            let waited = try child.wait().status
            let result = try run.stop()
            let exits = result.events("process_exit", pid: child.pid)
            try #require(exits.count == 1)
            #expect(try status(exits[0]) == waited)
            #expect(exits[0].number("status") == 7)
        }

        @Test(arguments: [[], ["--pthread"]])
        func `97 processes whose threads all end at once end once each, with the status that wait gives`(
            options: [String]
        ) throws {
            let run = try AgentRun("exit")
            let child = try Child([try Products.workload(), "thread-exit-race", "97"] + options)
            let outcome = try child.wait()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let result = try run.stop()
            let exits = result.children("process_exit", of: child.pid)
            #expect(result.books.totalLost == 0)
            #expect(result.books.isAll(exits.count, of: 97))
            #expect(Set(exits.map(\.pid)).count == exits.count)
            for code in [0, 3, 5] {
                let count = exits.count { $0.number("status") == code }
                let waited = try #require(outcome.number("exit_\(code)"))
                #expect(result.books.isAll(count, of: waited), "code \(code)")
            }
        }

        @Test func `Each fork is one event, with the child's and the parent's process`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("fork,exit") { pid = try workload("fork", "97").pid }
            let forks = result.children("process_fork", of: pid)
            let exits = result.children("process_exit", of: pid)
            #expect(forks.count == 97)
            #expect(Set(forks.map(\.pid)) == Set(exits.map(\.pid)))
            #expect(exits.count == 97)
            #expect(exits.allSatisfy { $0.number("status") == 97 })
            #expect(forks.allSatisfy { $0.flags.contains("clone") && !$0.flags.contains("miss") })
            // a fork runs what its parent runs
            #expect(exits.allSatisfy { $0.text("process.binary") == $0.text("parent.binary") })
        }

        @Test func `Threads are no processes`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("fork,exit") {
                let child = try Child([try Products.workload(), "thread-exit"])
                pid = child.pid
                _ = try child.wait()
            }
            #expect(result.events.count { $0.kind == "process_fork" && $0.pid == Int(pid) } == 1)
            #expect(result.children("process_fork", of: pid).isEmpty)
        }
    }
}
