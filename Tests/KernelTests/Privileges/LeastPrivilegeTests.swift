import Foundation
import Glibc
import Testing

extension Kernel {
    /// A run that has given up what it does not need sees all the same.
    @Suite struct LeastPrivilegeTests {
        private static let user = 1001
        private let folder: TemporaryFolder
        private let program: String

        init() throws {
            folder = try TemporaryFolder()
            // The build's folders may be root's alone.
            program = folder("martlet")
            try FileManager.default.copyItem(atPath: try Products.martlet(), toPath: program)
        }

        /// Every thread has two capabilities, and no way to more.
        private func checkThreads(of agent: AgentRun, bounding: UInt64? = 0) throws {
            let threads = try Threads.of(agent.child.pid)
            #expect(threads.count > 1)
            let kept = Capabilities.mask(["CAP_BPF", "CAP_PERFMON"])
            for thread in threads {
                #expect(thread.mask("CapEff") == kept)
                #expect(thread.mask("CapPrm") == kept)
                #expect(thread.mask("CapInh") == 0)
                #expect(thread.mask("CapAmb") == 0)
                if let bounding { #expect(thread.mask("CapBnd") == bounding) }
                #expect(thread.number("NoNewPrivs") == 1)
                #expect(thread.number("Seccomp") == 2)
                #expect(thread.numbers("Uid") == [Self.user, Self.user, Self.user, Self.user])
                #expect(thread.numbers("Gid") == [Self.user, Self.user, Self.user, Self.user])
                #expect(thread.text("Groups") == "")
            }
        }

        /// 23 of each, exactly.
        private func checkEvents(_ agent: AgentRun, typed: Bool = true) throws {
            let opens = try workload("open", "23", "/etc/hostname").pid
            let execs = try workload("exec", "23", "/bin/true").pid
            let forks = try workload("fork", "23").pid
            let connects = try workload("tcp-connect", "23", "127.0.0.1").pid
            var lines: pid_t = 0
            if typed {
                let terminal = try Terminal(TypedLineTests.bash)
                try terminal.wait()
                for number in 1...23 {
                    try terminal.type(line: ": \(number)")
                    try terminal.wait(times: number + 1)
                }
                try terminal.end()
                lines = terminal.pid
            }
            try checkThreads(of: agent, bounding: nil)
            let result = try agent.stop()
            #expect(result.outcome.code == 0)
            func isAll(_ count: Int) -> Bool { result.books.isAll(count, of: 23) }
            let files = result.events("process_file", pid: opens).count { $0.text("path") == "/etc/hostname" }
            #expect(isAll(files), "\(files) opens")
            #expect(isAll(result.children("process_exec", of: execs).count))
            #expect(isAll(result.children("process_exit", of: forks).count))
            let connected = result.events("process_tcp", pid: connects).count {
                $0.text("old_state") == "SYN_SENT" && $0.text("state") == "ESTABLISHED"
            }
            #expect(isAll(connected), "\(connected) connects")
            if typed { #expect(TypedLineTests.lines(result, of: lines) == (1...23).map { ": \($0)" }) }
            #expect(result.books.totalLost == 0)
            #expect(result.books.unexplained == [])
        }

        private static let kinds = "fork,exec,exit,open,tcp"
        /// Older kernels hook typed lines by a helper that needs CAP_SYS_ADMIN.
        private static let hasLinks = Machine.kernel >= (6, 6)

        @Test func `As root that becomes another user: 23 of each, and two capabilities in every thread`() throws {
            let agent = try AgentRun(
                Self.kinds + ",shell",
                ["--run-as", "\(Self.user)"],
                program: program,
                through: Privileges.withoutTracefs
            )
            try checkThreads(of: agent)
            try checkEvents(agent)
        }

        @Test(arguments: [["--run-as", "1001"], []])
        func `With two ambient capabilities: 23 of each, without tracefs and debugfs`(options: [String]) throws {
            let agent = try AgentRun(
                Self.kinds + (Self.hasLinks ? ",shell" : ""),
                options,
                program: program,
                through: Privileges.withoutTracefs + Privileges.twoCapabilities
            )
            if options.isEmpty {
                // As it was started: nothing more, and nothing given up.
                let kept = Capabilities.mask(["CAP_BPF", "CAP_PERFMON"])
                for thread in try Threads.of(agent.child.pid) { #expect(thread.mask("CapEff") == kept) }
                let result = try agent.stop()
                #expect(result.outcome.code == 0)
            } else {
                // Without CAP_SETPCAP the bounding set stays; with no_new_privs nobody can use it.
                try checkThreads(of: agent, bounding: nil)
                try checkEvents(agent, typed: Self.hasLinks)
            }
        }

        @Test func `With more ambient capabilities helpers keep them, and the agent does not`() throws {
            let more = "bpf,+perfmon,+sys_ptrace,+dac_read_search,+dac_override"
            let agent = try AgentRun(
                "exec,shell",
                ["--run-as", "\(Self.user)"],
                program: program,
                through: Privileges.none + ["--inh-caps", "-all,+\(more)", "--ambient-caps", "-all,+\(more)"]
            )
            try checkThreads(of: agent, bounding: nil)
            for name in ["martlet-look", "martlet-connect"] {
                #expect(try HelperProcesses.named(name, like: agent.child.pid).count == 1, "\(name)")
            }
            #expect(!agent.child.errors.contains("cannot be looked into"))
            #expect(try agent.stop().outcome.code == 0)
        }

        @Test(.enabled(if: Programs.find("setcap") != nil, "needs setcap (libcap2-bin)"))
        func `With two file capabilities: 23 of each, without tracefs and debugfs`() throws {
            let setcap = try #require(Programs.find("setcap"))
            let outcome = try Child.run(setcap, "cap_bpf,cap_perfmon=ep", program).outcome
            // A file system that cannot keep them, such as a virtual machine's.
            guard outcome.code == 0 else { return }
            let agent = try AgentRun(
                Self.kinds + (Self.hasLinks ? ",shell" : ""),
                ["--run-as", "\(Self.user)"],
                program: program,
                through: Privileges.withoutTracefs + Privileges.none
            )
            try checkThreads(of: agent, bounding: nil)
            try checkEvents(agent, typed: Self.hasLinks)
        }

        @Test func `Outputs of all kinds are written and put aside, below one folder`() throws {
            let place = try folder.makeFolder("place")
            chown(place, UInt32(Self.user), UInt32(Self.user))
            let agent = try AgentRun(
                "exec,exit,open",
                [
                    "--run-as", "\(Self.user)", "--sink", "file:\(place)/events", "--rotate-size", "10K", "--sink",
                    "sqlite:\(place)/events.db", "--sink", "stdout", "--record", "\(place)/record",
                ],
                program: program
            )
            let pid = try workload("open", "200", "/etc/hostname").pid
            try checkThreads(of: agent)
            let result = try agent.stop()
            #expect(result.outcome.code == 0, "\(result.outcome.errors)")
            let opens = result.events("process_file", pid: pid).count { $0.text("path") == "/etc/hostname" }
            #expect(result.books.isAll(opens, of: 200), "\(opens)")
            for name in ["events", "events.1", "events.db", "record"] {
                var information = stat()
                #expect(stat("\(place)/\(name)", &information) == 0, "\(name)")
                #expect(information.st_uid == UInt32(Self.user))
                #expect(information.st_mode & 0o777 == 0o600)
            }
            let query = try Child.run(
                program,
                "query",
                "--store",
                "\(place)/events.db",
                "--sql",
                "SELECT count(*) FROM events"
            ).outcome
            #expect(query.code == 0, "\(query.errors)")
        }

        @Test func `Its helpers keep one thing each, and end with it`() throws {
            let agent = try AgentRun("exec,exit,open,shell", ["--run-as", "\(Self.user)"], program: program)
            let expected = [
                "martlet-look": Capabilities.mask(["CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"]),
                "martlet-connect": Capabilities.mask(["CAP_DAC_OVERRIDE"]),
            ]
            var helpers: [pid_t] = []
            for (name, kept) in expected {
                let pids = try HelperProcesses.named(name, like: agent.child.pid)
                let pid = try #require(pids.first, "\(name)")
                #expect(pids.count == 1)
                let status = try ProcStatus(pid)
                #expect(status.mask("CapEff") == kept, "\(name)")
                #expect(status.mask("CapPrm") == kept)
                #expect(status.mask("CapBnd") == 0)
                #expect(status.number("NoNewPrivs") == 1)
                #expect(status.number("Seccomp") == 2)
                #expect(status.numbers("Uid") == [Self.user, Self.user, Self.user, Self.user])
                #expect(status.number("Threads") == 1)
                helpers.append(pid)
            }
            // A file of its own, so that it is looked at; the helper's opens are none of anybody's.
            let copy = folder("true")
            try FileManager.default.copyItem(atPath: Machine.resolved("/bin/true"), toPath: copy)
            let (run, _) = try Child.run(copy)
            #expect(eventually { agent.child.output.contains("\"pid\":\(run)") })
            for helper in helpers { #expect(!agent.child.output.contains("\"pid\":\(helper),")) }
            agent.child.signal(SIGKILL)
            _ = try agent.child.wait()
            #expect(eventually { helpers.allSatisfy { access("/proc/\($0)", F_OK) != 0 } })
        }
    }
}
