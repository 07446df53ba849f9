import Foundation
import Glibc
import Testing

extension Kernel {
    /// Policies of a running agent: many of them, while they come and go, and with the agent's own work in their way.
    @Suite struct PolicyLifeTests {
        /// Writes of anybody into a file, by the descriptor that they are given.
        private func writes(_ name: String, into path: String) -> String {
            PolicyFile.text(
                name,
                """
                  kprobes:
                    - call: sys_write
                      syscall: true
                      args: [{index: 0, type: fd}]
                      selectors: [{matchArgs: [{index: 0, operator: Equal, values: [\(path)]}]}]
                """
            )
        }

        @Test func `What the agent writes itself is not told, and so not written again`() throws {
            let folder = try TemporaryFolder()
            let path = folder("events")
            try Data().write(to: URL(filePath: path))
            let file = try folder.write(writes("output", into: path), to: "policy.yaml")
            let run = try AgentRun("kprobe", ["--policy", file], output: path)
            let (pid, _) = try shell("for i in 1 2 3 4 5 6 7; do echo >> '\(path)'; done")
            let result = try run.stop()
            #expect(result.events.count == 7)
            #expect(result.events.allSatisfy { $0.pid == Int(pid) && $0.policy == "output" })
            #expect(result.books.unexplained == [])
        }

        /// To wake the agent up is an event, which wakes the agent up.
        @Test func `A policy on what its own events bring about neither runs away nor loses others`() throws {
            let folder = try TemporaryFolder()
            let wakes = PolicyFile.text(
                "wakes",
                """
                  tracepoints:
                    - {subsystem: sched, event: sched_waking, raw: true, args: [{index: 0, type: int, resolve: pid}]}
                    - {subsystem: sched, event: sched_switch, raw: true}
                """
            )
            let text = wakes + "---\n" + PolicyFile.opens("opens", of: "/martlet-none")
            let file = try folder.write(text, to: "policies.yaml")
            let run = try AgentRun("kprobe,tracepoint", ["--policy", file])
            let count = Machine.scaled(4001)
            let (pid, _) = try workload("open-fail", "\(count)", "/martlet-none")
            let result = try run.stop()
            #expect(result.events("process_kprobe", pid: pid).count { $0.policy == "opens" } == count)
            #expect(result.events.contains { $0.policy == "wakes" && $0.text("event") == "sched_waking" })
            #expect(result.books.unexplained == [], "\(result.outcome.errors)")
            #expect(result.books.row("kprobe").lost == 0)
        }

        /// What the kernel does for the programs themselves: the kernel leaves those runs out, and counts them.
        @Test(.enabled(if: KernelFunctions.canBeHooked, "this kernel has no kprobes and no fentry"))
        func `A policy on functions that its own programs call does not end in itself`() throws {
            let folder = try TemporaryFolder()
            let own = ["bpf_ringbuf_output", "bpf_ringbuf_reserve", "htab_map_update_elem", "bpf_probe_read_kernel"]
                .filter { KernelFunctions.counts[$0] == 1 }
            let hooks = own.map { "    - {call: \($0), syscall: false, ignore: {callNotFound: true}}" }
            let recursive = PolicyFile.text("recursive", "  kprobes:\n" + hooks.joined(separator: "\n"))
            let text = recursive + "---\n" + PolicyFile.opens("opens", of: "/martlet-none")
            let file = try folder.write(text, to: "policies.yaml")
            let run = try AgentRun("kprobe", ["--policy", file])
            let count = Machine.scaled(4001)
            let (pid, _) = try workload("open-fail", "\(count)", "/martlet-none")
            let result = try run.stop()
            #expect(result.events("process_kprobe", pid: pid).count { $0.policy == "opens" } == count)
            #expect(result.books.unexplained == [], "\(result.outcome.errors)")
            #expect(result.outcome.code == 0)
        }

        @Test func `A policy that is removed while its hook fires takes nothing from the others`() throws {
            let folder = try TemporaryFolder()
            let steady = try folder.write(PolicyFile.opens("steady", of: "/martlet-none"), to: "steady.yaml")
            // Another text at the same place, and one that takes another program.
            let passing = [
                PolicyFile.opens("passing", of: "/martlet-other", "/martlet-none"),
                PolicyFile.opens("passing", of: "/martlet-none").replacing("Equal", with: "Postfix"),
            ]
            let files = try passing.enumerated().map { try folder.write($1, to: "passing\($0).yaml") }
            let daemon = try DaemonRun(
                "event: [kprobe]\npolicy: [\(steady)]\nformat: json\nsink: [file:\(folder("events"))]\n"
            )
            let count = Machine.scaled(50_021, least: 10_007)
            let child = try Child([try Products.workload(), "open-fail", "\(count)", "/martlet-none"])
            var rounds = 0
            for file in [files[0], files[1], files[0], files[1], files[0]] {
                #expect(try daemon.policy("add", [file]).code == 0)
                #expect(try daemon.policy("disable", ["passing"]).code == 0)
                #expect(try daemon.policy("enable", ["passing"]).code == 0)
                #expect(try daemon.policy("rm", ["passing"]).code == 0)
                rounds += 1
            }
            _ = try child.wait()
            let list = try daemon.policy("ls")
            let (books, outcome) = try daemon.stop()
            #expect(outcome.code == 0 && rounds == 5)
            #expect(list.output.contains("steady  enabled  monitor  1/1    \(count)"), "\(list.output)")
            let events = try AgentRun.parse(Machine.contents(folder("events")))
            #expect(events.count { $0.policy == "steady" } == count)
            #expect(books.unexplained == [] && books.totalLost == 0)
        }

        /// Each has one selector, and the room of a hook is for 1,024.
        private func folder(of count: Int) throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            for number in 0..<count {
                let path = "/martlet-none\(number % 100)"
                _ = try folder.write(PolicyFile.opens("p\(number)", of: path), to: "p\(number).yaml")
            }
            return folder
        }

        @Test func `A thousand policies on one hook load, and each is told its own`() throws {
            let folder = try folder(of: 1000)
            let clock = ContinuousClock()
            let start = clock.now
            let run = try AgentRun("kprobe", ["--policy", folder.path])
            print("1,000 policies: watching after \(clock.now - start)")
            try workload("open-fail", "7", "/martlet-none17")
            let result = try run.stop()
            #expect(!result.outcome.errors.contains("is not watched"))
            #expect(result.events.count == 70)
            let expected = Set((0..<10).map { "p\(100 * $0 + 17)" })
            #expect(Set(result.events.compactMap(\.policy)) == expected)
        }

        @Test func `What is more than a hook has room for is left out with the limit, and the others load`() throws {
            let folder = try folder(of: 1031)
            let run = try AgentRun("kprobe", ["--policy", folder.path])
            try workload("open-fail", "3", "/martlet-none17")
            let result = try run.stop()
            let refused = result.outcome.errors.split(separator: "\n").filter { $0.contains("is not watched") }
            #expect(refused.count == 7)
            #expect(refused.allSatisfy { $0.contains("1031 selectors here, and a hook can have 1024") })
            // Which ones are the last is by the names of their files.
            let told = Set(result.events.compactMap(\.policy))
            #expect(told.count >= 10 && result.events.count == 3 * told.count)
        }
    }
}
