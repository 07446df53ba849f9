import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct OpenPathTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// The opens of one line of shell whose name is `name`.
        private func opens(of name: String, _ line: String, in wrapper: [String] = []) throws -> [Event] {
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try shell(line, in: wrapper).pid }
            return result.events("process_file", pid: pid).filter { $0.text("name") == name }
        }

        @Test func `A symbolic link is followed`() throws {
            let file = try folder.write("x", to: "file")
            try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: "file")
            let opens = try opens(of: folder("link"), "exec $WORKLOAD open 1 \(folder("link"))")
            #expect(opens.map { $0.text("path") } == [file])
        }

        @Test func `A bind mount gives the path through which the file was opened`() throws {
            _ = try folder.makeFolder("source", "target")
            _ = try folder.write("x", to: "source/file")
            let opens = try opens(
                of: folder("target/file"),
                "mount --bind \(folder("source")) \(folder("target")); exec $WORKLOAD open 1 \(folder("target/file"))",
                in: ["unshare", "-m"]
            )
            #expect(opens.map { $0.text("path") } == [folder("target/file")])
            #expect(opens.first?.list("marks") == [])
        }

        @Test func `A file in an overlay has the overlay's path`() throws {
            _ = try folder.makeFolder("lower", "upper", "work", "merged", "store")
            _ = try folder.write("x", to: "lower/file")
            let opens = try opens(
                of: folder("merged/file"),
                overlay(folder, "exec $WORKLOAD open 1 \(folder("merged/file"))"),
                in: ["unshare", "-m"]
            )
            #expect(opens.map { $0.text("path") } == [folder("merged/file")])
        }

        @Test func `A path in a chroot is told from the root of the mount namespace`() throws {
            _ = try folder.makeFolder("root")
            _ = try folder.write("x", to: "root/file")
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("open-chroot", folder("root"), "/file").pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("name") == "/file" }
            #expect(opens.map { $0.text("path") } == [folder("root/file")])
        }

        @Test func `A deleted file opened through its descriptor has its last path and a mark`() throws {
            let file = try folder.write("x", to: "file")
            let opens = try opens(
                of: "/proc/self/fd/7",
                "exec 7<\(file); rm \(file); exec $WORKLOAD open 1 /proc/self/fd/7"
            )
            #expect(opens.map { $0.text("path") } == [file])
            #expect(opens.first?.list("marks") == ["deleted"])
        }

        @Test func `A pipe opened through its descriptor is a pseudo file with its number`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("open-pipe").pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("name") == "/proc/self/fd/0" }
            let inode = try #require(opens.first?.text("inode"))
            #expect(opens.map { $0.text("path") } == ["pipe:[\(inode)]"])
            #expect(opens.first?.list("marks") == ["pseudo"])
        }

        @Test func `A named pipe has the path of its name`() throws {
            mkfifo(folder("fifo"), 0o600)
            let opens = try opens(
                of: "/proc/self/fd/7",
                "exec 7<>\(folder("fifo")); exec $WORKLOAD open 1 /proc/self/fd/7"
            )
            #expect(opens.map { $0.text("path") } == [folder("fifo")])
            #expect(opens.first?.text("permission") == "prw-------")
        }

        @Test func `A file on a mount that was taken away has no path that never was`() throws {
            _ = try folder.makeFolder("mount")
            let opens = try opens(
                of: "file",
                """
                mount -t tmpfs none \(folder("mount")); echo x > \(folder("mount/file")); cd \(folder("mount"))
                umount -l \(folder("mount")); exec $WORKLOAD open 1 file
                """,
                in: ["unshare", "-m"]
            )
            #expect(opens.count == 1)
            #expect(opens.first?.list("marks") == ["path_unresolved"])
            #expect(opens.first?.text("path") == "/file")
        }

        @Test func `Without --raw-paths a path is resolved, with it only the name is told`() throws {
            let file = try folder.write("x", to: "file")
            var pid: pid_t = 0
            let result = try AgentRun.around("open", ["--raw-paths"]) { pid = try workload("open", "3", file).pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("name") == file }
            #expect(opens.count == 3)
            #expect(opens.allSatisfy { !$0.has("path") })
        }

        @Test func `While directories are renamed no path is ever told that did not exist`() throws {
            let seconds = Machine.scale == 1 ? "1" : "5"
            var run: (pid: pid_t, outcome: Child.Outcome)?
            let result = try AgentRun.around("open", ["--ring-size", "64M"]) {
                run = try workload("rename-race", seconds, folder.path)
            }
            let (pid, outcome) = try #require(run)
            let opens = result.events("process_file", pid: pid).filter { $0.text("name") == "file" }
            #expect(opens.count == outcome.number("opens"))
            let possible: Set = [folder("race-a/inner/file"), folder("race-b/inner/file")]
            let paths = Set(opens.compactMap { $0.text("path") })
            #expect(paths.isSubset(of: possible), "\(paths.subtracting(possible).prefix(3))")
            #expect(opens.filter { !$0.has("path") }.allSatisfy { $0.list("marks") == ["path_raced"] })
            let raced = opens.count { $0.list("marks").contains("path_raced") }
            #expect(raced < opens.count / 2, "\(raced) of \(opens.count) gave no path")
        }
    }
}

/// Mounts an overlay of `lower` and `upper` at `merged` in a private mount namespace, then goes on with `line`.
///
/// Its upper layer is on a tmpfs of its own: an overlay over an overlay, as in a container, is refused.
func overlay(_ folder: TemporaryFolder, _ line: String) -> String {
    let store = folder("store")
    return """
        mount -t tmpfs none \(store); mkdir \(store)/lower \(store)/upper \(store)/work
        cp -a \(folder("lower"))/. \(store)/lower
        mount -t overlay none -o lowerdir=\(store)/lower,upperdir=\(store)/upper,workdir=\(store)/work \(folder("merged"))
        \(line)
        """
}
