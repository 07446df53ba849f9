import Foundation
import Glibc
import Testing

extension Kernel {
    /// Files of the host that a container comes to, each told; its own are not.
    @Suite struct BreakoutTests {
        private let podman: [String]
        private let root: ContainerRoot

        init() throws {
            root = try ContainerRoot()
            podman = try Podman.command(in: root)
            _ = try Child.check(podman + ["import", root.archive(), "martlet-test:1"])
        }

        private func tidy() {
            _ = try? Child.check(podman + ["rm", "-f", "-a", "-t", "0"])
            _ = try? Child.check(podman + ["volume", "rm", "-f", "-a"])
            ControlGroups.remove("/libpod_parent")
        }

        /// Runs a line of shell in a container while breakouts are watched; with the shell before it, on the host.
        private func run(
            _ line: String,
            _ options: [String] = [],
            kinds: String = "breakout",
            before: String = ""
        ) throws -> (result: AgentRun.Result, events: [Event]) {
            defer { tidy() }
            let arguments =
                podman + ["run", "--rm"] + Podman.limits + options + ["martlet-test:1", "/bin/sh", "-ec", line]
            let result = try AgentRun.around(kinds, ["--no-container-names"]) {
                _ = try Child.check(["/bin/sh", "-ec", before + "\nexec \"$@\"", "sh"] + arguments)
            }
            // Whoever serves files to a machine of scripts/vm beside the tests does so from namespaces of its own.
            let events = result.events.filter {
                $0.kind == "process_breakout" && $0.text("process.binary")?.hasSuffix("/virtiofsd") != true
            }
            return (result, events)
        }

        /// Opens a file so many times.
        private func opens(_ count: Int, _ path: String) -> String {
            "i=0; while [ $i -lt \(count) ]; do : < \(path); i=$((i+1)); done"
        }

        @Test func `Root, volume, tmpfs, the engine's own files, proc, sys and dev are the container's`() throws {
            let paths = [
                "/etc/passwd", "/volume", "/scratch", "/etc/hosts", "/etc/hostname", "/proc/self/status",
                "/proc/1/root/bin",
                "/dev/null", "/sys", "/bin/sh", "/proc/self/exe",
            ]
            let line = paths.map { opens(3, $0) }.joined(separator: "; ") + "; echo x > /volume/a; echo x > /scratch/a"
            let (result, events) = try run(line, ["-v", "volume:/volume", "--tmpfs", "/scratch"])
            #expect(events.isEmpty, "\(events.map(\.body))")
            #expect(result.books.totalLost == 0)
        }

        @Test func `23 opens and 5 execs through another process' root`() throws {
            let busybox = try #require(Programs.find("busybox"))
            let other = try Child(["sleep", "1000"])
            defer { other.signal(SIGKILL) }
            let away = "/proc/\(other.pid)/root"
            let line =
                opens(23, "\(away)/etc/passwd")
                + "; for i in 1 2 3 4 5; do \(away)\(Machine.resolved(busybox)) true; done"
            let (result, events) = try run(line, ["--pid", "host", "--cap-add", "SYS_PTRACE"])
            let opened = events.filter { $0.text("operation") != "execve" }
            let executed = events.filter { $0.text("operation") == "execve" }
            #expect(result.books.isAll(opened.filter { $0.text("path") == "/etc/passwd" }.count, of: 23))
            #expect(result.books.isAll(executed.count, of: 5))
            #expect(events.allSatisfy { $0.text("way") == "namespace" && $0.number("mnt_ns") != nil })
            #expect(events.allSatisfy { $0.text("process.container.runtime") == "podman" })
            #expect(
                opened.allSatisfy { $0.text("name") == "\(away)/etc/passwd" && $0.number("result") ?? -1 >= 0 }
            )
            #expect(executed.allSatisfy { $0.text("path") == Machine.resolved(busybox) && !$0.has("flags") })
            #expect(result.books.totalLost == 0)
        }

        @Test func `13 opens through a descriptor that was left open`() throws {
            let (result, events) = try run(
                opens(13, "/proc/self/fd/3/passwd"),
                ["--preserve-fds", "1"],
                before: "exec 3< /etc"
            )
            #expect(result.books.isAll(events.count, of: 13))
            #expect(events.allSatisfy { $0.text("way") == "namespace" && $0.text("path") == "/etc/passwd" })
            #expect(events.allSatisfy { $0.text("process.container.runtime") == "podman" })
        }

        /// With opens of all kinds watched as well: both are told.
        @Test func `11 opens and 7 execs on the host's root that is mounted into the container`() throws {
            let busybox = try #require(Programs.find("busybox"))
            let line =
                opens(11, "/host/etc/passwd")
                + "; for i in 1 2 3 4 5 6 7; do /host\(Machine.resolved(busybox)) true; done"
            let (result, events) = try run(line, ["-v", "/:/host:ro"], kinds: "breakout,open")
            let opened = events.filter { $0.text("operation") != "execve" }
            #expect(result.books.isAll(opened.filter { $0.text("path") == "/host/etc/passwd" }.count, of: 11))
            #expect(result.books.isAll(events.count - opened.count, of: 7))
            #expect(events.allSatisfy { $0.text("way") == "bind" })
            let strangers = events.filter { $0.text("process.container.runtime") != "podman" }
            #expect(strangers.isEmpty, "\(strangers.map(\.body))")
            let files = result.events.filter {
                $0.kind == "process_file" && $0.text("path") == "/host/etc/passwd" && $0.has("process.container")
            }
            #expect(result.books.isAll(files.count, of: 11))
        }

        @Test func `A mount namespace alone makes no container`() throws {
            let result = try AgentRun.around("breakout") {
                _ = try Child.check(["unshare", "-m", "/bin/sh", "-ec", opens(3, "/etc/passwd")])
            }
            #expect(result.events.allSatisfy { $0.kind != "process_breakout" }, "\(result.events.map(\.body))")
        }

        @Test func `In mount and pid namespaces of its own the host's files are reached by 17 opens`() throws {
            let result = try AgentRun.around("breakout") {
                _ = try Child.check(["unshare", "-m", "-p", "--fork", "/bin/sh", "-ec", opens(17, "/etc/passwd")])
            }
            let events = result.events.filter { $0.text("path") == "/etc/passwd" && $0.text("name") == "/etc/passwd" }
            #expect(result.books.isAll(events.count, of: 17))
            #expect(events.allSatisfy { $0.text("way") == "bind" && !$0.has("process.container") })
        }
    }
}
