import Foundation
import Testing

extension Kernel {
    /// Selectors that compute: expressions over arguments, and what has changed since a process was executed.
    @Suite struct ComputedFilterTests {
        /// How often each policy told of one process, which runs a line of Perl.
        private func counts(_ policies: String, _ line: String) throws -> [String: Int] {
            let folder = try TemporaryFolder()
            let file = try folder.write(policies, to: "policies.yaml")
            var pid: pid_t = 0
            let result = try AgentRun.around("kprobe", ["--policy", file]) {
                pid = try shell("exec perl -e '\(line)'").pid
            }
            #expect(!result.outcome.errors.contains("is not watched"), "\(result.outcome.errors)")
            #expect(result.books.totalLost == 0)
            // The shell before it asks for its parent, too.
            let own = result.events("process_kprobe", pid: pid).filter {
                $0.text("process.binary")?.hasSuffix("/perl") == true
            }
            return own.reduce(into: [:]) { $0[$1.policy ?? "", default: 0] += 1 }
        }

        /// getppid, which takes nothing: of a process that does what this selector asks for.
        private func parents(_ name: String, _ selector: String) -> String {
            PolicyFile.text(
                name,
                "  kprobes:\n    - {call: sys_getppid, syscall: true, selectors: [{\(selector)}]}"
            )
        }

        private func changed(_ name: String, _ operator: String, _ kinds: String) -> String {
            parents(name, "matchNamespaceChanges: [{operator: \(`operator`), values: [\(kinds)]}]")
        }

        /// lseek(-1, offset, whence) of Perl fails, and tells its numbers.
        private func seeks(_ name: String, _ expression: String) -> String {
            PolicyFile.text(
                name,
                """
                  kprobes:
                    - call: sys_lseek
                      syscall: true
                      args: [{index: 0, type: int}, {index: 1, type: long}, {index: 2, type: uint32}]
                      selectors:
                        - matchArgs:
                            - {index: 0, operator: Equal, values: ["-1"]}
                            - {args: [1, 2], operator: CelExpr, values: ["\(expression)"]}
                """
            )
        }

        @Test func `Expressions over several arguments decide in the kernel`() throws {
            let policies = [
                seeks("sum", "arg1 + arg2 == 7 && arg2 != 0"),
                seeks("bits", "and(arg1, 4) != 0 || arg2 > 2"),
                seeks("sign", "arg1 < 0 && int32(arg1) == -5"),
                seeks("never", "arg1 > 0 && !(arg1 > 0)"),
            ]
            let line = """
                syscall(8, -1, 5, 2) for 1..23; syscall(8, -1, 7, 0) for 1..13; syscall(8, -1, -5, 1) for 1..7;
                syscall(8, -1, 2, 3) for 1..5; syscall(8, 999, 5, 2) for 1..3;
                """
            // -5 has the bit 4 not set: …11111011.
            #expect(
                try counts(policies.joined(separator: "---\n"), line) == ["sum": 23, "bits": 23 + 13 + 5, "sign": 7]
            )
        }

        @Test func `A namespace that a process changes is told once, by each policy that asks for its kind`() throws {
            let policies = [
                changed("uts", "In", "Uts"), changed("ipc", "In", "Ipc"), changed("both", "In", "Uts, Ipc"),
                changed("neither", "NotIn", "Uts, Ipc"),
            ]
            // unshare(CLONE_NEWUTS), then twice CLONE_NEWIPC: each is another one.
            let line = """
                syscall(110) for 1..5;
                syscall(272, 0x04000000); syscall(110) for 1..7;
                syscall(272, 0x08000000); syscall(110) for 1..3;
                syscall(272, 0x08000000); syscall(110) for 1..2;
                """
            #expect(
                try counts(policies.joined(separator: "---\n"), line)
                    == ["uts": 1, "ipc": 2, "both": 3, "neither": 5]
            )
        }

        /// getpriority(0, number) of a thread that has lost CAP_CHOWN.
        private func lost(_ name: String, _ number: Int) -> String {
            PolicyFile.text(
                name,
                """
                  kprobes:
                    - call: sys_getpriority
                      syscall: true
                      args: [{index: 1, type: int}]
                      selectors:
                        - matchArgs: [{index: 1, operator: Equal, values: ["\(number)"]}]
                          matchCapabilityChanges: [{type: Effective, operator: In, values: [CAP_CHOWN]}]
                """
            )
        }

        @Test func `What one policy has told another tells too, and both again after an execution`() throws {
            // seteuid takes the effective ones, and gives them back; who executes a program begins anew.
            let line = """
                sub look { syscall(140, 0, $_[0]) for 1..$_[1] }
                look(4243, 5);
                syscall(117, -1, 1001, -1); look(4244, 3); look(4243, 2);
                syscall(117, -1, 0, -1); look(4243, 7);
                exec "perl", "-e", "syscall(140, 0, 4244) for 1..3; syscall(117, -1, 1001, -1); syscall(140, 0, 4243) for 1..3";
                """
            #expect(
                try counts(lost("one", 4243) + "---\n" + lost("other", 4244), line) == ["one": 2, "other": 1]
            )
        }

        @Test func `A child that executes nothing is compared with what its parent was executed with`() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(changed("uts", "In", "Uts"), to: "policy.yaml")
            var pid: pid_t = 0
            let result = try AgentRun.around("kprobe", ["--policy", file]) {
                let line = """
                    syscall(272, 0x04000000);
                    if (!fork) { syscall(110) for 1..5; exit }
                    wait;
                    if (!fork) { exec "perl", "-e", "syscall(110) for 1..3" }
                    wait
                    """
                pid = try shell("exec perl -e '\(line)'").pid
            }
            let told = result.events.filter { $0.policy == "uts" && $0.parentPid == Int(pid) }
            #expect(told.count == 1)
            #expect(!result.events.contains { $0.policy == "uts" && $0.pid == Int(pid) })
        }

        @Test func `Capabilities that a process loses are told once, and those that it never had are not`() throws {
            func changed(_ name: String, _ values: String, _ set: String) -> String {
                parents(name, "matchCapabilityChanges: [{type: \(set), operator: In, values: [\(values)]}]")
            }
            let policies = [
                changed("chown", "CAP_CHOWN", "Effective"), changed("permitted", "CAP_CHOWN", "Permitted"),
                changed("inheritable", "CAP_CHOWN", "Inheritable"),
            ]
            // seteuid takes the effective ones, setresuid for good the permitted ones too.
            let line = """
                syscall(110) for 1..5;
                syscall(117, -1, 1001, -1); syscall(110) for 1..7;
                syscall(117, 1001, 1001, 1001); syscall(110) for 1..3;
                """
            #expect(try counts(policies.joined(separator: "---\n"), line) == ["chown": 1, "permitted": 1])
        }
    }
}
