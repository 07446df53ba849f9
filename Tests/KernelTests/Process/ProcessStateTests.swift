import Foundation
import Glibc
import Testing

extension Kernel {
    /// A program sleeps in a state that was set up for it; what the event tells is compared with what /proc does.
    @Suite struct ProcessStateTests {
        /// The exec event of a sleeping process, and the /proc/PID/status of it.
        private struct Sleeper {
            let exec: Event
            let proc: ProcStatus
        }

        /// Runs `command`, which must become `sleep 1000`, and looks at it from both sides.
        private func sleeper(_ command: [String]) throws -> Sleeper {
            let run = try AgentRun("exec")
            let child = try Child(command)
            #expect(
                eventually {
                    // not its command line, which ends like that of the program before it
                    Machine.contents("/proc/\(child.pid)/comm") == "sleep\n"
                }
            )
            let proc = try ProcStatus(child.pid)
            let result = try run.stop()
            child.signal(SIGKILL)
            _ = try child.wait()
            let exec = try #require(result.events("process_exec", pid: child.pid).last)
            #expect(exec.list("process.argv").last == "1000")
            return Sleeper(exec: exec, proc: proc)
        }

        private func expectSame(_ sleeper: Sleeper, _ comment: Comment? = nil) {
            let (exec, proc) = (sleeper.exec, sleeper.proc)
            let users = ["uid", "euid", "suid", "fsuid"].map { exec.number("process.process_credentials.\($0)") }
            #expect(users == proc.numbers("Uid"), comment)
            let groups = ["gid", "egid", "sgid", "fsgid"].map { exec.number("process.process_credentials.\($0)") }
            #expect(groups == proc.numbers("Gid"), comment)
            for (set, line) in [
                ("inheritable", "CapInh"), ("permitted", "CapPrm"), ("effective", "CapEff"), ("bounding", "CapBnd"),
                ("ambient", "CapAmb"),
            ] {
                #expect(Capabilities.mask(exec.list("process.cap.\(set)")) == proc.mask(line), "\(set)")
            }
            #expect(exec.flag("process.no_new_privs") == (proc.text("NoNewPrivs") == "1"), comment)
            #expect(
                exec.text("process.seccomp") == ["disabled", "strict", "filter"][proc.number("Seccomp") ?? 0],
                comment
            )
            for (name, inode) in proc.namespaces {
                #expect(exec.number("process.ns.\(name).inum") == inode, "namespace \(name)")
            }
        }

        @Test func `A plain process has the ids, capabilities and namespaces of its status`() throws {
            expectSame(try sleeper(["sleep", "1000"]))
        }

        @Test func `Real and effective users and groups are told apart`() throws {
            let sleeper = try sleeper([
                "setpriv", "--ruid", "1001", "--euid", "1002", "--rgid", "1003", "--egid", "1004", "--clear-groups",
                "sleep", "1000",
            ])
            expectSame(sleeper)
            #expect(sleeper.exec.number("process.uid") == 1002)
            #expect(sleeper.exec.number("process.process_credentials.uid") == 1001)
        }

        @Test func `Capability sets and securebits are told`() throws {
            let sleeper = try sleeper([
                "setpriv", "--reuid", "1001", "--regid", "1001", "--clear-groups", "--bounding-set",
                "-net_raw,-sys_admin",
                "--inh-caps", "+chown,+kill", "--ambient-caps", "+chown", "--securebits", "+noroot", "sleep", "1000",
            ])
            expectSame(sleeper)
            #expect(sleeper.exec.list("process.cap.ambient") == ["CAP_CHOWN"])
            #expect(sleeper.exec.list("process.process_credentials.securebits") == ["SecBitNoRoot"])
        }

        @Test func `Namespaces are those of the process, and not the host's`() throws {
            let sleeper = try sleeper(["unshare", "-m", "-u", "-i", "-n", "-C", "-T", "sleep", "1000"])
            expectSame(sleeper)
            for name in ["mnt", "uts", "ipc", "net", "cgroup"] {
                #expect(sleeper.exec.flag("process.ns.\(name).is_host") == false, "\(name)")
            }
            #expect(sleeper.exec.flag("process.ns.pid.is_host") == true)
        }

        @Test func `no_new_privs and a seccomp filter are told`() throws {
            let sleeper = try sleeper([try Products.workload(), "secure", "/bin/sleep", "1000"])
            expectSame(sleeper)
            #expect(sleeper.exec.flag("process.no_new_privs") == true)
            #expect(sleeper.exec.text("process.seccomp") == "filter")
        }

        @Test func `The login user is told`() throws {
            let sleeper = try sleeper(["/bin/sh", "-c", "echo 4242 > /proc/self/loginuid; exec sleep 1000"])
            #expect(sleeper.exec.number("process.auid") == sleeper.proc.loginuid)
            #expect(sleeper.exec.number("process.auid") == 4242)
        }

        @Test func `In a pid namespace both numbers are told`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec") { pid = try Child.run("unshare", "-p", "-f", "/bin/true").pid }
            let exec = try #require(result.children("process_exec", of: pid).first)
            #expect(exec.number("process.ns_pid") == 1)
            #expect(exec.pid > 1)
            #expect(exec.flag("process.ns.pid.is_host") == false)
        }

        @Test func `The controlling terminal is told`() throws {
            let result: AgentRun.Result
            let run = try AgentRun("exec")
            let (_, outcome) = try workload("on-tty", "/bin/true", "on-a-terminal")
            result = try run.stop()
            let exec = try #require(result.events.first { $0.list("process.argv") == ["/bin/true", "on-a-terminal"] })
            let name = try #require(outcome.value("tty"))
            #expect(exec.text("process.tty") == name.replacing("/dev/pts/", with: "pts"))
        }
    }
}
