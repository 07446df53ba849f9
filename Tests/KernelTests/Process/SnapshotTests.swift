import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct SnapshotTests {
        @Test func `A process that already ran has its binary, arguments, parent and credentials`() throws {
            let child = try Child(["setpriv", "--reuid", "1001", "sleep", "1000"])
            let shell = try Child(["/bin/sh", "-c", "cd /usr; sleep 1000 & wait", "a name", "", "two words"])
            #expect(eventually { Machine.contents("/proc/\(child.pid)/cmdline").hasPrefix("sleep") })
            #expect(eventually { !Machine.contents("/proc/\(shell.pid)/task/\(shell.pid)/children").isEmpty })
            let proc = try ProcStatus(child.pid)
            let result = try AgentRun.around("snapshot") {}
            for process in [child, shell] { process.signal(SIGTERM) }

            let found = result.events("process_snapshot", pid: child.pid)
            #expect(found.count == 1)
            let event = try #require(found.first)
            #expect(event.text("process.binary") == Machine.resolved("/bin/sleep"))
            #expect(event.list("process.argv") == ["sleep", "1000"])
            #expect(event.number("process.process_credentials.euid") == 1001)
            #expect(event.number("parent.pid") == Int(getpid()))
            #expect(event.flags.contains("procFS"))
            for (name, inode) in proc.namespaces {
                #expect(event.number("process.ns.\(name).inum") == inode, "namespace \(name)")
            }
            // Before 5.18 no iterator can read another process' memory.
            let marks = Machine.kernel < (5, 18) ? ["source_proc"] : []
            #expect(event.list("process.marks") == marks)

            let script = try #require(result.events("process_snapshot", pid: shell.pid).first)
            #expect(
                script.list("process.argv") == [
                    "/bin/sh", "-c", "cd /usr; sleep 1000 & wait", "a name", "", "two words",
                ]
            )
            #expect(script.text("process.cwd") == "/usr")
            let sleeper = try #require(result.children("process_snapshot", of: shell.pid).first)
            #expect(sleeper.text("process.parent_exec_id") == script.text("process.exec_id"))
            kill(pid_t(sleeper.pid), SIGTERM)
        }

        @Test func `Every process of the machine is told once`() throws {
            let child = try Child(["sleep", "1000"])
            let result = try AgentRun.around("snapshot") {}
            let pids = result.events.filter { $0.kind == "process_snapshot" }.map(\.pid)
            #expect(Set(pids).count == pids.count)
            // Some hosted machines hide process 1 from everyone, iterators included.
            if access("/proc/1/exe", F_OK) == 0 { #expect(pids.contains(1)) }
            #expect(pids.contains(Int(getpid())))
            #expect(pids.contains(Int(child.pid)))
            child.signal(SIGTERM)
        }

        @Test func `What a process that already ran does later is told with its arguments and its parent`() throws {
            let folder = try TemporaryFolder()
            let shell = try Child([
                "/bin/sh", "-c", "until [ -e \(folder("go")) ]; do sleep 0.1; done; : < \(folder("go"))", "name",
                "argument",
            ])
            usleep(100000)
            let result = try AgentRun.around("open,exit") {
                _ = try folder.write("x", to: "go")
                #expect(try shell.wait().status == 0)
            }
            let open = try #require(
                result.events("process_file", pid: shell.pid).first { $0.text("path") == folder("go") }
            )
            #expect(open.text("process.arguments")?.hasSuffix("name argument") == true)
            #expect(open.parentPid == Int(getpid()))
            #expect(result.events("process_exit", pid: shell.pid).count == 1)
        }
    }
}
