import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct SignalTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        @Test(arguments: [SIGINT, SIGTERM])
        func `A signal ends the run with all that happened before, status 0 and the books`(signal: Int32) throws {
            let run = try AgentRun("open")
            let (pid, _) = try workload("open", "1009", "/etc/hostname")
            let clock = ContinuousClock()
            let begun = clock.now
            let result = try run.stop(signal: signal)
            #expect(clock.now - begun < .seconds(5))
            #expect(result.outcome.code == 0)
            #expect(result.events("process_file", pid: pid).count { $0.text("name") == "/etc/hostname" } == 1009)
            #expect(result.books.row("open").produced >= 1009)
            #expect(result.books.unexplained == [])
        }

        @Test func `SIGHUP opens the output file again`() throws {
            let run = try AgentRun("open", ["--to", folder("events")])
            let (before, _) = try workload("open", "11", "/etc/hostname")
            // all of them: what still waits when the signal comes is written to the new file
            #expect(
                eventually {
                    let lines = Machine.contents(folder("events")).split(separator: "\n")
                    return lines.count {
                        $0.contains("\"pid\":\(before),") && $0.contains("\"name\":\"/etc/hostname\"")
                    } == 11
                }
            )
            try FileManager.default.moveItem(atPath: folder("events"), toPath: folder("old"))
            run.child.signal(SIGHUP)
            #expect(
                try eventually {
                    try workload("open", "1", "/etc/hostname")
                    return access(folder("events"), F_OK) == 0
                }
            )
            let (after, _) = try workload("open", "13", "/etc/hostname")
            run.child.signal(SIGINT)
            let outcome = try run.child.wait()
            let old = try AgentRun.parse(Machine.contents(folder("old")))
            let new = try AgentRun.parse(Machine.contents(folder("events")))
            #expect(old.count { $0.pid == Int(before) && $0.text("name") == "/etc/hostname" } == 11)
            #expect(new.count { $0.pid == Int(after) && $0.text("name") == "/etc/hostname" } == 13)
            #expect(Books(outcome.errors).row("open").written == old.count + new.count)
            var information = stat()
            stat(folder("events"), &information)
            #expect(information.st_mode & 0o777 == 0o600)
        }

        @Test func `SIGUSR1 prints the books and the run goes on`() throws {
            let run = try AgentRun("open")
            try workload("open", "101", "/etc/hostname")
            run.child.signal(SIGUSR1)
            #expect(eventually { run.child.errors.contains(" events: ") })
            #expect(Books(run.child.errors).row("open").produced >= 101)
            let (pid, _) = try workload("open", "7", "/etc/hostname")
            let result = try run.stop()
            #expect(result.events("process_file", pid: pid).count { $0.text("name") == "/etc/hostname" } == 7)
        }

        @Test func `--count ends the run after exactly as many events`() throws {
            let run = try AgentRun("open", ["--path", "/etc/hostname", "--count", "37"])
            try workload("open", "101", "/etc/hostname")
            let result = try run.finish()
            #expect(result.outcome.code == 0)
            #expect(result.events.count == 37)
            #expect(result.books.row("open").written == 37)
            #expect(result.books.unexplained == [])
        }

        @Test func `--duration ends the run`() throws {
            let clock = ContinuousClock()
            let begun = clock.now
            let run = try AgentRun("open", ["--duration", "2"])
            let result = try run.finish()
            #expect(result.outcome.code == 0)
            #expect(clock.now - begun >= .seconds(2))
        }

        @Test func `A reader that goes away ends the run`() throws {
            let martlet = try Products.martlet()
            let child = try Child(["/bin/sh", "-c", "\(martlet) run -q --event open | head -n 1"])
            #expect(
                try eventually(within: 30) {
                    try workload("open", "3", "/etc/hostname")
                    return !child.output.isEmpty
                }
            )
            #expect(try child.wait(seconds: 20).code == 0)
        }

        @Test func `Filters by process, path, user and pid let pass what they say`() throws {
            let run = try AgentRun("open", ["--path", "/etc", "--user", "1001"])
            try shell(
                "setpriv --reuid 1001 --clear-groups cat /etc/hostname > /dev/null; cat /etc/hostname /usr/bin/true > /dev/null"
            )
            let result = try run.stop()
            #expect(result.events.count { $0.text("path") == "/etc/hostname" } == 1)
            #expect(result.events.allSatisfy { $0.text("path")?.hasPrefix("/etc/") == true })
        }
    }
}
