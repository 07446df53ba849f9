import Foundation
import Glibc
import Testing

extension Kernel {
    /// Each policy of Examples/policies as it is, made to tell what it is for: an exact number of times, by one process.
    ///
    /// Perl, which every Debian has, makes system calls by number, one process makes all of them, and its pid is known.
    @Suite struct ExamplePolicyTests {
        /// What a policy told of a process and of its children.
        private struct Told {
            let events: [Event]
            /// How often each function was told.
            let counts: [String: Int]

            init(_ result: AgentRun.Result, _ pid: pid_t, _ policy: String) {
                events = result.events.filter {
                    $0.policy == policy && ($0.pid == Int(pid) || $0.parentPid == Int(pid))
                }
                counts = Dictionary(grouping: events) { $0.function ?? "" }.mapValues(\.count)
            }

            func of(_ function: String) -> [Event] { events.filter { $0.function == function } }
        }

        /// Runs the agent with a policy around a line of shell in a mount namespace of its own, which must succeed.
        private func run(_ name: String, file: String? = nil, _ line: String) throws -> Told {
            var pid: pid_t = 0
            let options = ["--policy", file ?? PolicyFile.example(name), "--no-container-names"]
            let result = try AgentRun.around("kprobe,tracepoint", options) {
                pid = try shell(line, in: ["unshare", "-m", "--propagation", "private"]).pid
            }
            #expect(!result.outcome.errors.contains("is not watched"), "\(result.outcome.errors)")
            #expect(result.books.totalLost == 0)
            return Told(result, pid, name)
        }

        @Test func `Every example holds, without a warning`() throws {
            let outcome = try Child.run(try Products.martlet(), "policy", "check", "--no-kernel", PolicyFile.examples)
                .outcome
            #expect(outcome.code == 0)
            #expect(outcome.output.hasSuffix("\nok: 8 policies hold\n"))
            #expect(outcome.errors == "")
        }

        @Test(.enabled(if: KernelFunctions.canBeHooked, "this kernel has no kprobes and no fentry"))
        func `file-integrity tells each change of a file, and of a name`() throws {
            let told = try run(
                "file-integrity",
                """
                mount -t tmpfs none /usr/local; cd /usr/local
                exec perl -e '
                    for (1..23) { open F, ">>", "written"; syswrite F, "x"; close F }
                    truncate "written", 3 for 1..5;
                    open F, "+<", "written"; truncate F, 7 for 1..3;
                    syscall(9, 0, 4096, 3, 1, fileno(F), 0) for 1..2; syscall(9, 0, 4096, 3, 2, fileno(F), 0); close F;
                    chmod 0600 + $_, "written" for 1..13;
                    chown 0, 0, "written" for 1..3;
                    symlink "written", "link$_" for 1..11;
                    link "written", "hard$_" for 1..5;
                    unlink map { "link$_" } 1..7;
                    mkdir "folder$_" for 1..3;
                    rmdir "folder$_" for 1..2;
                    rename($_ % 2 ? "written" : "moved", $_ % 2 ? "moved" : "written") for 1..7;
                    open F, "<", "moved"; <F>
                '
                """
            )
            let hasFileTruncate = Machine.kernel >= (6, 2)
            var expected = [
                "security_file_permission": 23, "security_path_mknod": 1, "security_path_truncate": 5,
                "security_mmap_file": 2, "security_path_chmod": 13, "security_path_chown": 3,
                "security_path_symlink": 11, "security_path_link": 5, "security_path_unlink": 7,
                "security_path_mkdir": 3, "security_path_rmdir": 2, "security_path_rename": 7,
            ]
            expected[hasFileTruncate ? "security_file_truncate" : "security_path_truncate", default: 0] += 3
            #expect(told.counts == expected)
            for event in told.of("security_file_permission") {
                #expect(event.argumentText(0, "file_arg", "path") == "/usr/local/written")
                #expect(event.argumentNumber(1, "int_arg") == 2)
                #expect(event.text("message") == "written")
            }
            for event in told.of("security_path_rename") {
                #expect(event.argumentText(0, "path_arg", "path") == "/usr/local")
                #expect(event.argumentText(2, "path_arg", "path") == "/usr/local")
                let names = [event.argumentText(1, "path_arg", "path"), event.argumentText(3, "path_arg", "path")]
                #expect(Set(names) == ["/written", "/moved"])
            }
            let modes = told.of("security_path_chmod").map { $0.argumentNumber(1, "uint_arg") ?? 0 }
            #expect(modes.map { $0 & 0o777 } == (1...13).map { 0o600 + $0 })
        }

        @Test(.enabled(if: KernelFunctions.canBeHooked, "this kernel has no kprobes and no fentry"))
        func `credential-changes tells identities, groups, capabilities and privileged programs`() throws {
            let told = try run(
                "credential-changes",
                """
                mount -t tmpfs none /usr/local; cp /bin/true /usr/local/privileged; chmod 4755 /usr/local/privileged
                # Root's own are of no interest.
                /usr/local/privileged
                for i in 1 2 3; do
                    setpriv --reuid 1001 --regid 1001 --clear-groups /usr/local/privileged
                    setpriv --reuid 1001 --regid 1001 --clear-groups /bin/true
                done
                exec perl -e '
                    syscall(116, 0, 0) for 1..3;
                    $head = pack "LL", 0x20080522, 0; $sets = "\\0" x 24; syscall(125, $head, $sets);
                    syscall(126, $head, $sets) for 1..11;
                    syscall(119, -1, $_ % 2 ? 1001 : 0, -1) for 1..5;
                    syscall(117, -1, $_ % 2 ? 1001 : 0, -1) for 1..13;
                '
                """
            )
            // What setpriv does, in children of the shell, is counted by the program that it executes alone.
            let own = told.events.filter { $0.text("process.binary")?.hasSuffix("/perl") == true }
            let counts = Dictionary(grouping: own) { $0.function ?? "" }.mapValues(\.count)
            var expected = [
                "security_task_fix_setuid": 13, "security_task_fix_setgid": 5, "security_capset": 11,
            ]
            if Machine.kernel >= (6, 0) { expected["security_task_fix_setgroups"] = 3 }
            #expect(counts == expected)
            let become = own.filter { $0.function == "security_task_fix_setuid" }
            #expect(
                become.count { $0.argumentNumber(0, "process_credentials_arg", "euid") == 1001 } == 7
            )
            #expect(become.allSatisfy { $0.argumentNumber(2, "int_arg") == 4 })
            let privileged = told.of("security_bprm_committing_creds")
            #expect(privileged.count == 3)
            for event in privileged {
                #expect(event.argumentText(1, "linux_binprm_arg", "path") == "/usr/local/privileged")
                #expect(event.argumentNumber(2, "process_credentials_arg", "uid") == 1001)
            }
        }

        @Test(.enabled(if: KernelFunctions.canBeHooked, "this kernel has no kprobes and no fentry"))
        func `module-loading tells the file that is to become a module, and memory that is`() throws {
            let told = try run(
                "module-loading",
                """
                mount -t tmpfs none /usr/local
                exec perl -e '
                    open F, "+>", "/usr/local/no-module"; syswrite F, "no module" x 100; close F;
                    open F, "<", "/usr/local/no-module";
                    $none = ""; syscall(313, fileno(F), $none, 0) for 1..7;
                    $image = "no module" x 100; syscall(175, $image, length $image, $none) for 1..5;
                '
                """
            )
            #expect(told.counts == ["security_kernel_read_file": 7, "security_kernel_load_data": 5])
            for event in told.of("security_kernel_read_file") {
                #expect(event.argumentText(0, "file_arg", "path") == "/usr/local/no-module")
                #expect(event.text("message") == "module file read")
            }
        }

        /// Nothing leaves this machine: of the addresses that are its own, another part is taken for the outside.
        @Test(.enabled(if: KernelFunctions.canBeHooked, "this kernel has no kprobes and no fentry"))
        func `egress tells connections to the outside alone`() throws {
            let folder = try TemporaryFolder()
            let text = try String(contentsOfFile: PolicyFile.example("egress"), encoding: .utf8)
            let variant = text.replacing("- 127.0.0.0/8 ", with: "- 127.1.0.0/16 ")
                .replacing("name: egress", with: "name: variant")
            #expect(variant.contains("127.1.0.0/16"))
            let file = try folder.write(text + "---\n" + variant, to: "egress.yaml")
            let line = """
                exec perl -MSocket=:DEFAULT,inet_pton -e '
                    sub try { socket S, $_[0], $_[1], 0; connect S, $_[2] for 1..$_[3]; close S }
                    try(PF_INET, SOCK_STREAM, pack_sockaddr_in(1, inet_aton("127.0.0.1")), 23);
                    try(PF_INET, SOCK_STREAM, pack_sockaddr_in(1, inet_aton("127.1.0.1")), 17);
                    try(PF_INET, SOCK_DGRAM, pack_sockaddr_in(9, inet_aton("127.0.0.2")), 5);
                    try(PF_INET6, SOCK_STREAM, pack_sockaddr_in6(1, inet_pton(AF_INET6, "::1")), 7);
                    try(PF_INET6, SOCK_STREAM, pack_sockaddr_in6(1, inet_pton(AF_INET6, "::ffff:127.0.0.3")), 3);
                    try(PF_UNIX, SOCK_STREAM, pack_sockaddr_un("/martlet-none"), 2);
                '
                """
            var pid: pid_t = 0
            let result = try AgentRun.around("kprobe", ["--policy", file]) { pid = try shell(line).pid }
            #expect(!result.outcome.errors.contains("is not watched"), "\(result.outcome.errors)")
            #expect(result.events.allSatisfy { $0.policy == "variant" || $0.pid != Int(pid) })
            let told = Told(result, pid, "variant")
            let addresses = Dictionary(grouping: told.events) { $0.argumentText(1, "sockaddr_arg", "addr") ?? "" }
            #expect(
                addresses.mapValues(\.count) == ["127.0.0.1": 23, "127.0.0.2": 5, "::ffff:127.0.0.3": 3]
            )
            #expect(told.events.allSatisfy { $0.function == "security_socket_connect" })
        }

        @Test(.enabled(if: KernelFunctions.canBeHooked, "this kernel has no kprobes and no fentry"))
        func `ptrace tells who looks into whom`() throws {
            let told = try run(
                "ptrace",
                """
                exec perl -e '
                    for (1..11) {
                        if ($child = fork) { syscall(101, 0x4206, $child, 0, 0); kill 9, $child; waitpid $child, 0 }
                        else { sleep 100 }
                    }
                    for (1..5) {
                        if ($child = fork) { waitpid $child, 0 } else { syscall(101, 0, 0, 0, 0); exit }
                    }
                '
                """
            )
            #expect(told.counts == ["security_ptrace_access_check": 11, "security_ptrace_traceme": 5])
            let pids = told.of("security_ptrace_access_check").map { $0.argumentNumber(0, "int_arg") ?? 0 }
            #expect(Set(pids).count == 11 && !pids.contains(0))
            let pid = told.of("security_ptrace_access_check").first?.pid
            for event in told.events {
                #expect(event.argumentText(1, "string_arg") == "perl")
                if event.function == "security_ptrace_traceme" {
                    #expect(event.argumentNumber(0, "int_arg") == pid && event.parentPid == pid)
                }
            }
        }

        @Test func `namespace-changes tells who makes namespaces and who goes into them`() throws {
            let told = try run(
                "namespace-changes",
                """
                exec perl -e '
                    syscall(272, 0x04000000) for 1..7;
                    syscall(272, 0x400) for 1..3;
                    open F, "<", "/proc/self/ns/uts"; syscall(308, fileno(F), 0x04000000) for 1..5;
                    syscall(308, 999, 0);
                    for (1..3) { if (!syscall(56, 0x04000011, 0, 0, 0, 0)) { syscall(231, 0) } wait }
                    $arguments = pack "Q8", 0x04000000, 0, 0, 0, 17, 0, 0, 0;
                    for (1..2) { if (!syscall(435, $arguments, 64)) { syscall(231, 0) } wait }
                    for (1..2) { if (!syscall(56, 17, 0, 0, 0, 0)) { syscall(231, 0) } wait }
                '
                """
            )
            // The namespace that the test itself runs the line in is told as well, by the same process.
            let unshared = told.of("__x64_sys_unshare").filter { $0.argumentText(0, "size_arg") == "67108864" }
            #expect(unshared.count == 7)
            #expect(told.of("__x64_sys_unshare").count == 8)
            #expect(unshared.allSatisfy { ($0.body["return"] as? [String: Any])?["int_arg"] as? Int == 0 })
            let entered = told.of("__x64_sys_setns")
            #expect(entered.count == 6)
            #expect(entered.count { $0.argumentText(0, "file_arg", "path")?.hasPrefix("nsfs:[") == true } == 5)
            #expect(entered.last.map { ($0.body["return"] as? [String: Any])?["int_arg"] as? Int } == -9)
            let started = told.events.filter { $0.kind == "process_tracepoint" }
            #expect(started.count == 5)
            #expect(Set(started.map { $0.argumentNumber(0, "int_arg") ?? 0 }).count == 5)
            #expect(
                started.allSatisfy { $0.text("subsys") == "task" && $0.text("event") == "task_newtask" }
            )
        }

        @Test func `syscalls tells secrets, programs for everybody, logs, mounts and kernel programs`() throws {
            let told = try run(
                "syscalls",
                """
                mount -t tmpfs none /var/tmp; cp /bin/true /var/tmp/true
                for i in 1 2 3 4 5 6 7; do /var/tmp/true; done
                exec perl -e '
                    for (1..23) { open F, "<", "/etc/shadow"; close F; open F, "<", "/etc/hostname"; close F }
                    open F, "<", "/root/.ssh/martlet-none" for 1..3;
                    ($log, $program, $place) = ("/var/log/none", "/var/tmp/martlet-none", "/martlet-none");
                    ($what, $kind, $nothing) = ("none", "tmpfs", "\\0" x 48);
                    syscall(263, -100, $log, 0) for 1..5;
                    syscall(87, $log) for 1..2;
                    syscall(165, $what, $place, $kind, 0, 0) for 1..11;
                    syscall(321, 5, $nothing, 48) for 1..13;
                    syscall(322, -100, $program, 0, 0, 0) for 1..17;
                '
                """
            )
            let counts = told.counts
            #expect(counts["__x64_sys_execve"] == 7)
            #expect(counts["__x64_sys_execveat"] == 17)
            #expect(counts["__x64_sys_unlinkat"] == 5 && counts["__x64_sys_unlink"] == 2)
            #expect(counts["__x64_sys_bpf"] == 13)
            let opens = told.of("__x64_sys_openat")
            #expect(opens.count { $0.argumentText(0, "string_arg") == "/etc/shadow" } == 23)
            #expect(opens.count == 26)
            // mount(8) has its own way to do it, and is told or not by its version.
            let mounts = told.of("__x64_sys_mount").filter { $0.argumentText(1, "string_arg") == "/martlet-none" }
            #expect(mounts.count == 11)
            #expect(mounts.allSatisfy { ($0.body["return"] as? [String: Any])?["int_arg"] as? Int == -2 })
        }
    }
}
