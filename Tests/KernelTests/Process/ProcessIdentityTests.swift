import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct ProcessIdentityTests {
        @Test func `Processes that take the same pid one after the other are told apart`() throws {
            let run = try AgentRun("fork,exec,exit")
            let child = try Child([try Products.workload(), "pid-reuse", "23"])
            let outcome = try child.wait()
            let result = try run.stop()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let pid = pid_t(try #require(outcome.number("outer_pid")))
            let execs = result.events("process_exec", pid: pid)
            #expect(execs.map { $0.text("process.arguments") } == (0..<23).map { "\($0)" })
            #expect(Set(execs.compactMap { $0.text("process.exec_id") }).count == 23)
            #expect(execs.allSatisfy { $0.number("process.ns_pid") == 4242 })
            // the last exit is that of the process before, from which the number was taken
            let exits = result.events("process_exit", pid: pid).suffix(23)
            #expect(exits.map { $0.text("process.exec_id") } == execs.map { $0.text("process.exec_id") })
        }

        @Test func `The agent does not tell of itself, but of another process with its name`() throws {
            let folder = try TemporaryFolder()
            try FileManager.default.copyItem(atPath: "/bin/true", toPath: folder("martlet"))
            var pid: pid_t = 0
            let run = try AgentRun("fork,exec,exec-failed,exit,open", ["--to", folder("events")])
            pid = try Child.run(folder("martlet")).pid
            // has the agent open a file
            run.child.signal(SIGHUP)
            usleep(50000)
            run.child.signal(SIGINT)
            let outcome = try run.child.wait()
            let events = try AgentRun.parse(Machine.contents(folder("events")))
            #expect(events.filter { $0.pid == Int(run.child.pid) || $0.parentPid == Int(run.child.pid) }.isEmpty)
            #expect(events.count { $0.pid == Int(pid) && $0.kind == "process_exec" } == 1)
            #expect(events.contains { $0.pid == Int(pid) && $0.kind == "process_exit" })
            #expect(outcome.code == 0)
        }

        @Test func `20,000 short-lived processes are each seen once, none with an unknown parent`() throws {
            let count = Machine.scaled(20000)
            let run = try AgentRun("fork,exec,exit")
            let (pid, _) = try workload("exec", "\(count)", "/bin/true")
            run.child.signal(SIGINT)
            let outcome = try run.child.wait()
            #expect(outcome.code == 0)
            let books = Books(outcome.errors)
            #expect(books.totalLost == 0)
            #expect(books.unexplained == [])

            // 60,000 whole events are too many to parse: what is wanted of them stands in fixed places
            var ids: [String: [String: Int]] = [:]
            var wrong = 0
            let parent = "\"parent\":{\"exec_id\":\"[^\"]*\",\"pid\":\(pid),"
            for line in outcome.output.split(separator: "\n") where line.firstRange(of: try Regex(parent)) != nil {
                let kind = String(line.dropFirst(2).prefix { $0 != "\"" })
                // a fork and the exec in it are two executions of one process
                let process = String(line.split(separator: "\"pid\":", maxSplits: 2)[1].prefix(while: \.isNumber))
                ids[process, default: [:]][kind, default: 0] += 1
                if line.contains("miss") { wrong += 1 }
                if kind != "process_fork", !line.contains("\"binary\":\"\(Machine.resolved("/bin/true"))\"") {
                    wrong += 1
                }
            }
            // A pid may come again when their numbers have gone round: then it has two of each.
            for kind in ["process_fork", "process_exec", "process_exit"] {
                #expect(ids.values.reduce(0) { $0 + ($1[kind] ?? 0) } == count, "\(kind)")
            }
            #expect(ids.values.allSatisfy { Set($0.values).count == 1 && $0.count == 3 })
            #expect(wrong == 0)
        }
    }
}
