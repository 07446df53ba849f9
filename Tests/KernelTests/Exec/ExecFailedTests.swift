import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct ExecFailedTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        @Test func `Every failing execve is an event with arguments and error`() throws {
            var pid: pid_t = 0
            let missing = folder("missing")
            let result = try AgentRun.around("exec-failed") {
                pid = try workload("exec-fail", "13", missing, "a", "").pid
            }
            let failed = result.events("process_exec_failed", pid: pid)
            #expect(failed.count == 13)
            for event in failed {
                #expect(event.text("filename") == missing)
                #expect(event.list("argv") == [missing, "a", ""])
                #expect(event.number("argc") == 3)
                #expect(event.text("error") == "ENOENT")
                #expect(event.number("result") == Int(-ENOENT))
                #expect(event.number("dfd") == -100)
                #expect(event.list("marks") == [])
            }
            #expect(result.books.row("exec-failed").lost == 0)
        }

        @Test func `A file that may not be run fails with EACCES`() throws {
            let file = try folder.write("x", to: "file")
            var pid: pid_t = 0
            let result = try AgentRun.around("exec-failed") {
                pid = try shell("$WORKLOAD exec 1 \(file) 2> /dev/null || true").pid
            }
            let failed = result.events.filter { $0.text("filename") == file }
            #expect(failed.count == 1)
            #expect(failed.first?.text("error") == "EACCES")
            #expect(pid > 0)
        }

        @Test func `A failing execveat tells its descriptor`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec-failed") {
                pid = try workload("execveat-fail", folder.path, "missing").pid
            }
            let failed = result.events("process_exec_failed", pid: pid)
            #expect(failed.count == 1)
            #expect(failed.first?.text("filename") == "missing")
            #expect(failed.first?.number("dfd") ?? -1 >= 0)
            #expect(failed.first?.text("error") == "ENOENT")
        }

        @Test func `Arguments of a failing execve beyond the limit are cut and marked`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec-failed", ["--args-limit", "1024"]) {
                let child = try Child([try Products.workload(), "exec-args", "100", "100", folder("missing")])
                pid = child.pid
                _ = try child.wait()
            }
            let event = try #require(result.events("process_exec_failed", pid: pid).first)
            #expect(event.number("argc") == 101)
            #expect(event.list("marks") == ["args_truncated"])
            let bytes = event.list("argv").reduce(0) { $0 + $1.utf8.count + 1 }
            #expect(bytes >= 1024 && bytes < 1024 + 200)
        }
    }
}
