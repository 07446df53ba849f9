import Foundation
import Glibc
import Testing

extension Kernel {
    /// Policies that do not hold, or that this kernel cannot have: each is told, and costs the others nothing.
    @Suite struct PolicyFaultTests {
        /// What `martlet policy check` says of a policy on this kernel.
        private func check(_ specification: String) throws -> Child.Outcome {
            let folder = try TemporaryFolder()
            let file = try folder.write(PolicyFile.text("wrong", specification), to: "wrong.yaml")
            return try Child.run(try Products.martlet(), "policy", "check", file).outcome
        }

        private func function(_ name: String) -> String { "  kprobes: [{call: \(name), syscall: false}]" }

        @Test func `A function that the kernel has not is told with those that are called alike`() throws {
            let outcome = try check(function("security_file_permision"))
            #expect(outcome.code == 0)
            let expected =
                "this kernel has no function 'security_file_permision'; did you mean security_file_permission?"
            #expect(outcome.output.contains(expected), "\(outcome.output)")
        }

        @Test func `A function that the kernel has twice is not guessed at`() throws {
            let name = try #require(KernelFunctions.counts.filter { $0.value > 1 && !$0.key.contains(".") }.keys.min())
            let outcome = try check(function(name))
            let count = KernelFunctions.counts[name] ?? 0
            #expect(outcome.output.contains("this kernel has \(count) functions called '\(name)'"), "\(outcome.output)")
        }

        @Test func `An argument that the kernel does not give is not loaded`() throws {
            let outcome = try check(
                """
                  tracepoints:
                    - {subsystem: sched, event: sched_process_exec, raw: true, args: [{index: 3, type: int}]}
                """
            )
            #expect(outcome.output.contains("args[0].index: "), "\(outcome.output)")
            #expect(outcome.output.contains("not loaded"))
        }

        @Test func `A type that the kernel contradicts is a warning`() throws {
            let outcome = try check(
                """
                  tracepoints:
                    - {subsystem: sched, event: sched_process_exec, raw: true, args: [{index: 0, type: file}]}
                """
            )
            #expect(outcome.output.contains("is struct task_struct *, not file"), "\(outcome.output)")
            #expect(!outcome.output.contains("not loaded"))
        }

        @Test(.enabled(if: KernelFunctions.canBeHooked, "this kernel has no kprobes and no fentry"))
        func `Arguments of functions are checked too`() throws {
            let outcome = try check(
                """
                  kprobes:
                    - {call: security_file_permission, syscall: false, args: [{index: 2, type: int}]}
                    - {call: security_file_permission, syscall: false, args: [{index: 0, type: path}]}
                """
            )
            #expect(outcome.output.contains("kprobes[0].args[0].index: "), "\(outcome.output)")
            #expect(outcome.output.contains("is struct file *, not path"))
        }

        @Test func `Without bpf in lsm= it says how to boot`() throws {
            let active = Machine.contents("/sys/kernel/security/lsm").trimmingCharacters(in: .whitespacesAndNewlines)
            let outcome = try check("  lsmhooks: [{hook: file_open}]")
            if active.isEmpty {
                #expect(outcome.output.contains("not loaded"), "\(outcome.output)")
            } else if active.split(separator: ",").contains("bpf") {
                try Test.cancel("bpf is among the security modules here")
            } else {
                #expect(outcome.output.contains("boot with lsm=\(active),bpf"), "\(outcome.output)")
            }
        }

        /// A function that no probe may be on, since probes themselves need it; where there are no probes, any is.
        private static let refused = """
              kprobes:
                - {call: get_kprobe, syscall: false, args: [{index: 0, type: uint64}]}
                - call: sys_openat
                  syscall: true
                  args: [{index: 1, type: string}]
                  selectors: [{matchArgs: [{index: 1, operator: Equal, values: [/martlet-none]}]}]
            """

        @Test func `What the kernel refuses is told with the reason, and the rest is watched`() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(PolicyFile.text("half", Self.refused), to: "half.yaml")
            let daemon = try DaemonRun("event: [kprobe]\npolicy: [\(file)]\n")
            let client = try daemon.trace(["--event", "kprobe"])
            let (pid, _) = try workload("open-fail", "23", "/martlet-none")
            let text = try daemon.policy("ls")
            let json = try daemon.policy("ls", ["-o", "json"])
            _ = try daemon.stop()
            let events = try AgentRun.parse(try client.wait(seconds: 60).output)
            #expect(events.count == 23 && events.allSatisfy { $0.policy == "half" && $0.pid == Int(pid) })
            #expect(text.code == 1 && json.code == 1)
            #expect(text.output.contains("half  partial  monitor  1/2    23       23"), "\(text.output)")
            #expect(text.output.contains("\n  kprobes get_kprobe: "), "\(text.output)")
            let answer = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
            let policy = try #require((answer["policies"] as? [[String: Any]])?.first)
            #expect(policy["state"] as? String == "POLICY_STATE_PARTIALLY_ENABLED", "\(json.output)")
            #expect(policy["file"] as? String == file)
            let hooks = try #require(policy["hooks"] as? [[String: Any]])
            #expect(hooks.count == 2)
            #expect(hooks[0]["target"] as? String == "get_kprobe" && hooks[0]["working"] == nil)
            #expect((hooks[0]["problem"] as? String)?.isEmpty == false)
            #expect(hooks[1]["working"] as? Bool == true && hooks[1]["problem"] == nil)
        }

        @Test func `A run with a policy that does not hold does not start, and tells each fault`() throws {
            let folder = try TemporaryFolder()
            let good = try folder.write(PolicyFile.opens("good", of: "/etc/hostname"), to: "good.yaml")
            let bad = try folder.write(PolicyFile.text("bad", "  kprobes: [{call: x y}, {cal: z}]"), to: "bad.yaml")
            let outcome = try Child.run(try Products.martlet(), "run", "--policy", good, "--policy", bad).outcome
            #expect(outcome.code == 78)
            #expect(outcome.output == "")
            let lines = outcome.errors.split(separator: "\n")
            #expect(lines.count >= 3 && lines.allSatisfy { $0.hasPrefix("martlet: ") }, "\(outcome.errors)")
            #expect(lines.first?.hasPrefix("martlet: \(bad):6:20: spec.kprobes[0].call: 'x y' is no name") == true)
            #expect(lines.last?.contains("the agent does not start with policies that do not hold") == true)
            let missing = try Child.run(try Products.martlet(), "run", "--policy", folder("none.yaml")).outcome
            #expect(missing.code == 78 && missing.errors.contains("none.yaml:1:1: cannot be read"), "\(missing.errors)")
        }

        /// In a mount namespace whose /etc has what the agent looks at there, and a folder of policies.
        @Test func `A broken file in policies.d leaves the others`() throws {
            let folder = try TemporaryFolder()
            _ = try folder.makeFolder("etc/martlet/policies.d")
            for name in ["passwd", "group", "nsswitch.conf"] where access("/etc/\(name)", F_OK) == 0 {
                try FileManager.default.copyItem(atPath: "/etc/\(name)", toPath: folder("etc/\(name)"))
            }
            let policies = "etc/martlet/policies.d/"
            _ = try folder.write(PolicyFile.opens("first", of: "/martlet-none"), to: policies + "1.yaml")
            _ = try folder.write("kind: TracingPolicy\nspec: [", to: policies + "2.yaml")
            _ = try folder.write(PolicyFile.opens("third", of: "/martlet-none"), to: policies + "3.yaml")
            let daemon = try DaemonRun(
                "event: [kprobe]\n",
                in: folder,
                through: [
                    "unshare", "-m", "--propagation", "private", "/bin/sh", "-ec",
                    "mount --bind '\(folder("etc"))' /etc; exec \"$@\"", "sh",
                ]
            )
            let client = try daemon.trace(["--event", "kprobe"])
            try workload("open-fail", "23", "/martlet-none")
            let list = try daemon.policy("ls")
            _ = try daemon.stop()
            let events = try AgentRun.parse(try client.wait(seconds: 60).output)
            let counts = Dictionary(grouping: events) { $0.policy ?? "" }.mapValues(\.count)
            #expect(counts == ["first": 23, "third": 23])
            #expect(list.code == 0 && list.output.split(separator: "\n").count == 3, "\(list.output)")
            #expect(daemon.child.errors.contains("policies.d/2.yaml:"), "\(daemon.child.errors)")
        }

        @Test func `A name that is taken is not added, and nothing else of its file`() throws {
            let folder = try TemporaryFolder()
            let first = try folder.write(PolicyFile.opens("one", of: "/martlet-none"), to: "first.yaml")
            let second = try folder.write(
                PolicyFile.opens("two", of: "/martlet-none") + "---\n" + PolicyFile.opens("one", of: "/martlet-none"),
                to: "second.yaml"
            )
            let daemon = try DaemonRun("event: [kprobe]\n")
            let none = try daemon.policy("ls")
            #expect(none.code == 0 && none.output == "no policies\n")
            #expect(try daemon.policy("add", [first]).output == "added one\n")
            let again = try daemon.policy("add", [second])
            #expect(again.code == 78 && again.output == "")
            #expect(again.errors.contains("\(second):"), "\(again.errors)")
            #expect(again.errors.contains("there is a policy one already: remove it first (martlet policy rm one)"))
            let list = try daemon.policy("ls")
            #expect(list.code == 0)
            let lines = list.output.split(separator: "\n")
            #expect(lines.count == 2 && lines.last?.hasPrefix("one   enabled  monitor  1/1") == true, "\(list.output)")
            #expect(try daemon.policy("rm", ["one"]).code == 0)
            #expect(try daemon.policy("rm", ["one"]).code == 1)
            #expect(try daemon.policy("add", [second]).output == "added two\nadded one\n")
            _ = try daemon.stop()
        }
    }
}
