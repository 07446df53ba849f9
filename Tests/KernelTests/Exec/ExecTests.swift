import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct ExecTests {
        private let folder: TemporaryFolder
        private let truePath = Machine.resolved("/bin/true")

        init() throws { folder = try TemporaryFolder() }

        /// The one exec event of `binary` in a process.
        private func only(_ result: AgentRun.Result, _ pid: pid_t, _ binary: String) throws -> Event {
            let events = result.events("process_exec", pid: pid).filter { $0.text("process.binary") == binary }
            #expect(events.count == 1)
            return try #require(events.first)
        }

        @Test func `23 runs of true one two are 23 events, each with its process, parent, binary and arguments`() throws
        {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec") { pid = try workload("exec", "23", "/bin/true", "one", "two").pid }
            let execs = result.children("process_exec", of: pid)
            #expect(execs.count == 23)
            #expect(Set(execs.map(\.pid)).count == 23)
            let own = try #require(result.events("process_exec", pid: pid).first)
            for exec in execs {
                #expect(exec.text("process.binary") == truePath)
                #expect(exec.text("process.arguments") == "one two")
                #expect(exec.list("process.argv") == ["/bin/true", "one", "two"])
                #expect(exec.number("process.argc") == 3)
                #expect(exec.text("process.filename") == "/bin/true")
                #expect(exec.text("process.cwd") == FileManager.default.currentDirectoryPath)
                #expect(exec.text("process.parent_exec_id") == own.text("process.exec_id"))
                #expect(exec.text("parent.binary") == Machine.resolved(try Products.workload()))
                #expect(exec.flags == ["execve", "clone"])
                #expect(exec.list("process.marks") == [])
            }
            #expect(result.books.totalLost == 0)
            #expect(result.books.unexplained == [])
        }

        @Test func `The working directory is resolved`() throws {
            _ = try folder.makeFolder("real")
            try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: "real")
            var pid: pid_t = 0
            let result = try AgentRun.around("exec") { pid = try shell("cd \(folder("link")); exec /bin/true").pid }
            #expect(try only(result, pid, truePath).text("process.cwd") == folder("real"))
        }

        @Test func `A script is told with its interpreter`() throws {
            let script = try folder.write("#!/bin/sh -e\nexit 0\n", to: "script", executable: true)
            try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: "script")
            var pid: pid_t = 0
            let result = try AgentRun.around("exec") { pid = try Child.run(folder("link"), "argument").pid }
            let exec = try only(result, pid, Machine.resolved("/bin/sh"))
            #expect(exec.text("process.filename") == folder("link"))
            #expect(exec.text("process.interpreter") == "/bin/sh")
            #expect(exec.list("process.argv") == ["/bin/sh", "-e", folder("link"), "argument"])
            #expect(exec.list("process.marks") == ["script"])
            #expect(script == folder("script"))
        }

        @Test func `A program in a memfd is marked and has no link`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec") { pid = try workload("exec-memfd", "/bin/true", "x").pid }
            let exec = try #require(result.events("process_exec", pid: pid).last)
            #expect(exec.text("process.binary") == "memfd:martlet-test")
            #expect(exec.list("process.marks") == ["memfd"])
            #expect(exec.number("process.binary_properties.file.inode.links") == 0)
            #expect(exec.list("process.argv") == ["/bin/true", "x"])
        }

        @Test func `A deleted program is marked and keeps its last path`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec") {
                pid = try workload("exec-deleted", "/bin/true", folder.path, "x").pid
            }
            let exec = try #require(result.events("process_exec", pid: pid).last)
            #expect(exec.text("process.binary") == folder("martlet-deleted-\(pid)"))
            #expect(exec.list("process.marks") == ["deleted"])
            #expect(exec.number("process.binary_properties.file.inode.links") == 0)
        }

        @Test func `A program of an overlay's upper layer is marked, and one of the lower layer is not`() throws {
            _ = try folder.makeFolder("lower", "merged", "store")
            try FileManager.default.copyItem(atPath: truePath, toPath: folder("lower/image"))
            var pid: pid_t = 0
            let merged = folder("merged")
            let result = try AgentRun.around("exec") {
                let line = overlay(folder, "cp \(merged)/image \(merged)/added; \(merged)/image; exec \(merged)/added")
                pid = try shell(line, in: ["unshare", "-m"]).pid
            }
            let added = try only(result, pid, "\(merged)/added")
            #expect(added.list("process.marks") == ["upper_layer"])
            let image = try #require(
                result.children("process_exec", of: pid).first { $0.text("process.binary") == "\(merged)/image" }
            )
            #expect(image.list("process.marks") == [])
        }

        @Test func `execveat of a descriptor is resolved`() throws {
            var run: (pid: pid_t, outcome: Child.Outcome)?
            let result = try AgentRun.around("exec") { run = try workload("execveat", "/bin/true", "x") }
            let (pid, outcome) = try #require(run)
            let exec = try only(result, pid, truePath)
            #expect(exec.text("process.filename") == "/dev/fd/\(outcome.number("fd") ?? -1)")
            #expect(exec.list("process.argv") == ["/bin/true", "x"])
        }

        @Test func `An exec from a thread keeps the process and tells the thread`() throws {
            var run: (pid: pid_t, outcome: Child.Outcome)?
            let result = try AgentRun.around("exec,exit") { run = try workload("exec-thread", "/bin/true", "x") }
            let (pid, outcome) = try #require(run)
            let exec = try only(result, pid, truePath)
            #expect(exec.number("process.old_tid") == outcome.number("tid"))
            #expect(exec.number("process.tid") == Int(pid))
            #expect(result.events("process_exit", pid: pid).map { $0.number("status") } == [0])
        }

        @Test func `Each exec of one process is an execution of its own`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec,exit") {
                pid = try shell("exec /bin/sh -c 'exec /bin/true last'").pid
            }
            let execs = result.events("process_exec", pid: pid)
            #expect(execs.count == 3)
            #expect(Set(execs.compactMap { $0.text("process.exec_id") }).count == 3)
            let exit = try #require(result.events("process_exit", pid: pid).first)
            #expect(exit.text("process.exec_id") == execs.last?.text("process.exec_id"))
            #expect(exit.text("process.arguments") == "last")
        }
    }
}
