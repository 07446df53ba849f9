import Foundation
import Glibc
import Testing

extension Kernel {
    /// An operator audits every file and every command of a container that has a Debian root.
    @Suite struct ContainerFilesTests {
        /// The root that debootstrap made, which a machine without a network has from one with (scripts/old-root).
        private static func debian() throws -> String {
            if let path = ProcessInfo.processInfo.environment["MARTLET_DEBIAN_ROOT"] { return path }
            guard Machine.scale == 1 else {
                try Test.cancel("a virtual machine has no network, and MARTLET_DEBIAN_ROOT names no root")
            }
            let script = FileManager.default.currentDirectoryPath + "/scripts/old-root"
            let made = try Child.run("/bin/bash", script, seconds: 300).outcome
            try #require(made.status == 0, "\(made.errors)")
            return made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// podman in a mount namespace of its own, whose containers write beside the root and not into it.
        private func container(_ root: ContainerRoot, _ line: String) throws -> String {
            let podman = try Podman.command(in: root)
            let arguments =
                podman + ["run", "--rm", "--cidfile", root("id")] + Podman.limits
                + ["--rootfs", root("merged"), "/bin/sh", "-ec", line]
            let mount = """
                mkdir -p '\(root("over"))'; mount -t tmpfs none '\(root("over"))'
                mkdir -p '\(root("over"))/upper' '\(root("over"))/work' '\(root("merged"))'
                mount -t overlay overlay '\(root("merged"))' \
                    -o 'lowerdir=\(try Self.debian()),upperdir=\(root("over"))/upper,workdir=\(root("over"))/work'
                exec "$@"
                """
            _ = try Child.check(
                ["unshare", "-m", "--propagation", "private", "/bin/sh", "-ec", mount, "sh"] + arguments
            )
            return Machine.contents(root("id"))
        }

        @Test(
            .enabled(if: KernelFunctions.canBeHooked, "this kernel has no kprobes and no fentry")
        )
        func `useradd, cat and echo in a container are told with all that they did to files`() throws {
            let root = try ContainerRoot()
            defer { ControlGroups.remove("/libpod_parent") }
            var id = ""
            let options = ["--policy", PolicyFile.example("container-files"), "--no-container-names"]
            let result = try AgentRun.around("exec,exit,kprobe", options) {
                id = try container(
                    root,
                    """
                    useradd testuser
                    cat /etc/shadow
                    echo "Hello, world!" > /tmp/passwd
                    echo "Hello, world!" > /tmp/passwd
                    """
                )
            }
            try #require(id.utf8.count == 64)
            #expect(!result.outcome.errors.contains("is not watched"), "\(result.outcome.errors)")
            #expect(result.books.totalLost == 0)
            let inside = result.events.filter { $0.text("process.container.id") == id }
            #expect(inside.allSatisfy { $0.text("process.docker").map { id.hasPrefix($0) } == true })

            func program(_ kind: String, _ name: String) -> [Event] {
                inside.filter { $0.kind == kind && $0.text("process.binary")?.hasSuffix("/\(name)") == true }
            }
            let shell = try #require(program("process_exec", "dash").last)
            for (name, arguments) in [("useradd", "testuser"), ("cat", "/etc/shadow")] {
                let exec = try #require(program("process_exec", name).first)
                #expect(exec.text("process.arguments") == arguments)
                #expect(exec.parentPid == shell.pid)
                #expect(exec.text("parent.binary")?.hasSuffix("/dash") == true)
                let exit = try #require(result.events("process_exit", pid: pid_t(exec.pid)).last)
                #expect(exit.text("process.container.id") == id && !exit.has("signal"))
                #expect(exit.text("process.exec_id") == exec.text("process.exec_id"))
            }

            let calls = result.events.filter { $0.kind == "process_kprobe" }
            #expect(calls.allSatisfy { $0.policy == "container-files" })
            // A program that is being executed is mapped before its exec is told: the new execution is not known yet.
            let early = calls.filter { $0.text("process.container.id") != id }
            #expect(early.allSatisfy { $0.function == "security_mmap_file" && $0.flags.contains("miss") })
            let paths = calls.compactMap { $0.argumentText(0, "file_arg", "path") }
            #expect(!paths.contains { $0.hasPrefix("/dev/") || $0.hasPrefix("/proc/") })

            func permissions(_ name: String, _ path: String, _ mask: Int) -> [Event] {
                program("process_kprobe", name).filter {
                    $0.function == "security_file_permission" && $0.argumentText(0, "file_arg", "path") == path
                        && $0.argumentNumber(1, "int_arg") == mask
                }
            }
            // Reads it until there is nothing more; the overlay asks for its own file, and for the one that lies below.
            let reads = permissions("cat", "/etc/shadow", 4)
            let files = Dictionary(grouping: reads) { $0.argumentText(0, "file_arg", "device") ?? "" }
            #expect(files.count == 2 && files.values.allSatisfy { $0.count == 2 }, "\(files.mapValues(\.count))")
            for event in reads {
                #expect(event.argumentText(0, "file_arg", "permission") == "-rw-r-----")
                #expect(event.text("process.arguments") == "/etc/shadow")
                #expect(event.text("parent.binary")?.hasSuffix("/dash") == true)
                #expect(event.text("action") == "KPROBE_ACTION_POST")
            }
            let writes = permissions("dash", "/tmp/passwd", 2)
            #expect(writes.count == 4 && writes.allSatisfy { $0.pid == shell.pid })
            #expect(permissions("useradd", "/etc/passwd", 4).count > 0)
            // It writes new files, and gives them the names of the old ones.
            for name in ["/etc/passwd+", "/etc/shadow+"] { #expect(permissions("useradd", name, 2).count > 0) }

            let mapped = program("process_kprobe", "cat").filter { $0.function == "security_mmap_file" }
            let libraries = mapped.compactMap { $0.argumentText(0, "file_arg", "path") }
            #expect(libraries.contains { $0.contains("/libc") })
            #expect(mapped.contains { ($0.argumentText(1, "size_arg").flatMap { Int($0) } ?? 0) & 4 != 0 })

            let truncated = program("process_kprobe", "dash").filter { $0.function?.hasSuffix("_truncate") == true }
            let kind = Machine.kernel >= (6, 2) ? "file_arg" : "path_arg"
            #expect(truncated.map { $0.argumentText(0, kind, "path") } == ["/tmp/passwd"])
        }
    }
}
