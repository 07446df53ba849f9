import Foundation
import Glibc
import Testing

extension Kernel {
    /// Rules decide what is told, and what the kernel even produces.
    @Suite struct RuleRunTests {
        private func rules(_ toml: String) throws -> (folder: TemporaryFolder, options: [String]) {
            let folder = try TemporaryFolder()
            return (folder, ["--rules", try folder.write(toml, to: "r.toml"), "--no-container-names"])
        }

        @Test func `Opens that a rule wants are told, and the others are in the books as filtered`() throws {
            let (folder, options) = try rules("tracer = 'open'\nwhere.path.suffix = '/hostname'")
            defer { _ = folder }
            var pids: [pid_t] = []
            let result = try AgentRun.around("open,exec", options) {
                pids = [try workload("open", "23", "/etc/hostname").pid, try workload("open", "29", "/etc/passwd").pid]
            }
            #expect(result.events("process_file", pid: pids[0]).filter { $0.rules == ["r"] }.count == 23)
            #expect(result.events("process_file", pid: pids[1]).isEmpty)
            #expect(result.books.row("open").filtered >= 29)
            #expect(result.books.totalLost == 0 && result.books.unexplained == [])
            // No rule is about these.
            #expect(result.events("process_exec", pid: pids[0]).count == 1)
        }

        @Test func `A rule has its kind watched, whatever --event says`() throws {
            let (folder, options) = try rules("tracer = 'open'\nwhere.path = '/etc/hostname'")
            defer { _ = folder }
            var pid: pid_t = 0
            let result = try AgentRun.around("exit", options) { pid = try workload("open", "23", "/etc/hostname").pid }
            #expect(result.events("process_file", pid: pid).count == 23)
        }

        @Test(arguments: [
            "where.process.binary = '/no/such'", "where.process.comm = ['nobody', 'else']", "where.process.pid = 1",
            "where.container = 'no-such'", "where.process.cgroup.prefix = '/no/such'",
            "where.ancestor.binary = '/no/such'",
            "where.process.argv = '/no/such'\nwhere.result.lt = 0",
        ])
        func `what no rule wants of a process is not produced`(condition: String) throws {
            let (folder, options) = try rules("tracer = ['open', 'exec-failed']\n\(condition)")
            defer { _ = folder }
            // It is there already when the agent comes, and waits for a file.
            let gate = folder("gate")
            let process = try Child([
                "/usr/bin/perl", "-e",
                "until (-e '\(gate)') { select undef, undef, undef, 0.01 } for (1..10007) { open F, '<', '/etc/hostname' } for (1..23) { exec '/no/such' }",
            ])
            let result = try AgentRun.around("exit", options) {
                _ = try folder.write("", to: "gate")
                _ = try process.wait()
            }
            // What begins, or is there when the agent comes, may open some files before it is judged.
            #expect(result.books.row("open").produced < 2003, "\(result.books.row("open"))")
            #expect(result.books.row("exec-failed").produced < 5)
            #expect(result.books.totalLost == 0)
        }

        @Test func `A process whose next program a rule wants is told from its first open on`() throws {
            let program = try Products.workload()
            let (folder, options) = try rules("tracer = 'open'\nwhere.process.binary = '\(program)'")
            defer { _ = folder }
            var pid: pid_t = 0
            let result = try AgentRun.around("exec", options) {
                pid = try shell(
                    "i=0; while [ $i -lt 97 ]; do : < /etc/hostname; i=$((i+1)); done; exec \"$WORKLOAD\" open 23 /etc/hostname"
                ).pid
            }
            let opens = result.events("process_file", pid: pid).filter { $0.text("path") == "/etc/hostname" }
            #expect(opens.count == 23)
        }

        @Test func `Rules that do not hold keep the agent from starting, and each fault is told`() throws {
            let (folder, options) = try rules("tracer = 'opne'\nwhere.x = 1")
            defer { _ = folder }
            let outcome = try Child([try Products.martlet(), "run"] + options).wait()
            #expect(outcome.code == 78)
            #expect(outcome.errors.contains("r.toml:1:10: tracer: no such tracer 'opne'; did you mean 'open'?"))
            #expect(outcome.errors.contains("martlet rules check"))
        }

        @Test func `A recording is held against rules without a kernel`() throws {
            let folder = try TemporaryFolder()
            let recording = folder("recording")
            let pid = try { () throws -> pid_t in
                let agent = try AgentRun("open,exec", ["--record", recording])
                let pid = try workload("open", "23", "/etc/hostname").pid
                _ = try agent.stop()
                return pid
            }()
            let rules = try folder.write(
                "tracer = 'open'\nwhere.path = '/etc/hostname'\nwhere.process.pid = \(pid)",
                to: "mine.toml"
            )
            let outcome = try Child([try Products.martlet(), "rules", "test", rules, "--replay", recording, "--show"])
                .wait()
            #expect(outcome.code == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count { $0.hasSuffix("/etc/hostname O_RDONLY [mine]") } == 23)
            #expect(lines.contains { $0.split(separator: " ") == ["mine", "23", "0"] })
        }
    }
}
