import Fixtures
import Foundation
import Glibc
import Testing

/// Who may not watch the kernel is told what is missing.
@Suite(.enabled(if: geteuid() == 0, "only root can become somebody else"))
struct UnprivilegedTests {
    private let folder: TemporaryFolder
    private let program: String

    init() throws {
        folder = try TemporaryFolder()
        program = folder.path("martlet")
        // By another process: a child that somebody forks meanwhile would hold the file open for writing, and nobody may run it.
        #expect(try Martlet.run("/bin/cp", [Martlet().path, program]).exitCode == 0)
    }

    private func run(_ arguments: String...) throws -> Martlet.Result {
        let who = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs"]
        return try Martlet.run("/usr/bin/setpriv", who + [program] + arguments)
    }

    @Test func aRunSaysWhatToDo() throws {
        let result = try run("run", "--duration", "1")
        #expect(result.exitCode == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("run as root, or with CAP_BPF and CAP_PERFMON"), "\(result.errors)")
    }

    @Test func aRunThatCouldNotBeginLeavesNoRecording() throws {
        #expect(chmod(folder.path(""), 0o777) == 0)
        #expect(try run("run", "--duration", "1", "--record", folder.path("recording")).exitCode == 1)
        #expect(folder.names == ["martlet"])
    }

    @Test func aReplayNeedsNoPrivileges() throws {
        let path = folder.path("recording")
        let live = try Recordings.write(to: path)
        #expect(chmod(path, 0o644) == 0)
        let result = try run("replay", path, "-o", "json", "--event", "all")
        #expect(result.exitCode == 0)
        #expect(result.output == live.json)
    }

    @Test func theVersionNeedsNoPrivileges() throws {
        #expect(try run("version").exitCode == 0)
    }
}
