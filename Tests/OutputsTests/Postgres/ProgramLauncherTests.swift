import Fixtures
import Foundation
import Glibc
import Outputs
import Testing

/// A program that a process of its own executes for one that may not.
@Suite struct ProgramLauncherTests {
    private static let isRoot = geteuid() == 0
    private static let user: UInt32 = isRoot ? 1001 : geteuid()
    private static let group: UInt32 = isRoot ? 1001 : getegid()

    private func launcher(_ script: String) throws -> ProgramLauncher {
        try ProgramLauncher("/bin/sh", ["-c", script], uid: Self.user, gid: Self.group)
    }

    /// What a script says over its socket before it ends.
    private func output(of script: String) throws -> String {
        let descriptor = try launcher(script).launch()
        defer { close(descriptor) }
        return text(descriptor)
    }

    /// All that comes, or, with a count, so many bytes at least.
    private func text(_ descriptor: Int32, atLeast count: Int = .max) -> String {
        var text: [UInt8] = []
        var area = [UInt8](repeating: 0, count: 4096)
        while text.count < count {
            let got = read(descriptor, &area, area.count)
            if got <= 0 { break }
            text += area[..<got]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func isGone(_ pid: pid_t) -> Bool {
        for _ in 0..<500 {
            if access("/proc/\(pid)", F_OK) != 0 { return true }
            usleep(10_000)
        }
        return false
    }

    @Test func bothEndsOfTheSocketAreConnected() throws {
        let descriptor = try launcher("cat <&3 >&3").launch()
        defer { close(descriptor) }
        #expect(write(descriptor, "through", 7) == 7)
        #expect(text(descriptor, atLeast: 7) == "through")
        #expect(fcntl(descriptor, F_GETFD) == FD_CLOEXEC)
    }

    @Test func theProgramIsTheUserAndHasNothingOfTheAgents() throws {
        let status = try output(of: "cat /proc/self/status >&3")
        func value(_ key: String) -> String? {
            status.split(separator: "\n").first { $0.hasPrefix(key + ":") }
                .map { $0.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces) }
        }
        let user = (0..<4).map { _ in "\(Self.user)" }.joined(separator: "\t")
        #expect(value("Uid") == user)
        for set in ["CapEff", "CapPrm", "CapInh", "CapAmb"] { #expect(value(set) == "0000000000000000", "\(set)") }
        if Self.isRoot {
            #expect(value("CapBnd") == "0000000000000000")
            #expect(value("Groups") == "")
        }
        #expect(value("NoNewPrivs") == "1")
        // The C library keeps two for itself, and what was inherited of them.
        let ignored = value("SigIgn").flatMap { UInt64($0, radix: 16) }
        #expect(ignored.map { $0 & ~(3 << 31) } == 0)
        #expect(value("SigBlk") == "0000000000000000")
    }

    @Test func nothingElseIsOpenInIt() throws {
        // Something that is not closed by itself.
        let other = open("/dev/null", O_RDONLY)
        defer { close(other) }
        let list = #"for file in /proc/$$/fd/*; do if [ -e $file ]; then l="$l ${file##*/}"; fi; done; echo $l >&3"#
        #expect(try output(of: list) == "0 1 2 3\n")
        func target(_ number: Int) throws -> String {
            try output(of: "target=$(readlink /proc/$$/fd/\(number)); echo $target >&3")
        }
        #expect(try target(0) == "/dev/null\n")
        #expect(try target(1) == "/dev/null\n")
        #expect(try target(2) == "\(ownStandardError)\n")
    }

    private var ownStandardError: String {
        var path = [UInt8](repeating: 0, count: 4096)
        let count = path.withUnsafeMutableBytes {
            readlink("/proc/self/fd/2", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        return String(decoding: path.prefix(max(0, count)), as: UTF8.self)
    }

    @Test func ctrlCDoesNotReachIt() throws {
        let ids = try output(of: "ps -o pid=,pgid=,sid= -p $$ >&3 || true").split(whereSeparator: \.isWhitespace)
        #expect(Set(ids).count == 1 && ids.count == 3, "\(ids)")
    }

    @Test(.enabled(if: isRoot, "only root becomes somebody else"))
    func theHomeOfWhoStartedTheAgentIsNotToldToAnotherUser() throws {
        #expect(try output(of: #"echo "${HOME-none}" >&3"#) == "none\n")
    }

    @Test func aProgramThatCannotBeExecutedIsToldByItsErrorNumber() throws {
        let folder = try TemporaryFolder()
        #expect(chmod(folder.path(""), 0o755) == 0)
        let plain = try folder.write(Array("no program".utf8), to: "plain")
        let text = try folder.write(Array("no program".utf8), to: "text")
        #expect(chmod(plain, 0o644) == 0 && chmod(text, 0o755) == 0)
        for (path, number) in [(folder.path("none"), ENOENT), (plain, EACCES), (text, ENOEXEC)] {
            let launcher = try ProgramLauncher(path, uid: Self.user, gid: Self.group)
            for _ in 0..<3 {
                #expect(throws: LaunchFailure(path: path, errno: number)) { try launcher.launch() }
            }
        }
    }

    @Test func whatWasLaunchedBeforeIsKilledAndLeavesNoZombie() throws {
        // Nothing that can be ignored ends it, but the end of its socket.
        let launcher = try launcher("trap '' TERM HUP INT; echo $$ >&3; read line <&3")
        let first = try launcher.launch()
        defer { close(first) }
        let pid = try #require(pid_t(text(first, atLeast: 2).trimmingCharacters(in: .newlines)))
        let second = try launcher.launch()
        #expect(access("/proc/\(pid)", F_OK) != 0)
        let other = try #require(pid_t(text(second, atLeast: 2).trimmingCharacters(in: .newlines)))
        #expect(other != pid && access("/proc/\(other)", F_OK) == 0)
        close(try launcher.launch())
        close(second)
        #expect(isGone(other))
    }

    @Test func whatEndsByItselfLeavesNoZombie() throws {
        let launcher = try launcher("echo $$ >&3")
        let descriptor = try launcher.launch()
        defer { close(descriptor) }
        let pid = try #require(pid_t(text(descriptor).trimmingCharacters(in: .newlines)))
        #expect(isGone(pid))
    }

    @Test func itEndsWithTheProgramThatEndsByTheEndOfItsSocket() throws {
        var launcher: ProgramLauncher? = try launcher("echo $$ $PPID >&3; read line <&3; echo end >&3")
        let descriptor = try #require(try launcher?.launch())
        let pids = text(descriptor, atLeast: 4).split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        try #require(pids.count == 2)
        launcher = nil
        #expect(access("/proc/\(pids[0])", F_OK) == 0 && access("/proc/\(pids[1])", F_OK) == 0)
        shutdown(descriptor, Int32(SHUT_WR))
        #expect(text(descriptor) == "end\n")
        #expect(isGone(pids[0]))
        #expect(isGone(pids[1]))
        close(descriptor)
    }

    @Test func aProgramThatDoesNotNoticeThatTheAgentHasGoneIsKilled() throws {
        var launcher: ProgramLauncher? = try launcher("trap '' TERM HUP INT; echo $$ $PPID >&3; exec sleep 1000")
        let descriptor = try #require(try launcher?.launch())
        let pids = text(descriptor, atLeast: 4).split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        try #require(pids.count == 2)
        launcher = nil
        close(descriptor)
        // It has a moment.
        #expect(!isGone(pids[0]))
        #expect(isGone(pids[0]) || isGone(pids[0]))
        #expect(isGone(pids[1]))
    }

    @Test func withoutAProgramItEndsAtOnce() throws {
        var launcher: ProgramLauncher? = try launcher("echo $PPID >&3")
        let descriptor = try #require(try launcher?.launch())
        let pid = try #require(pid_t(text(descriptor).trimmingCharacters(in: .newlines)))
        close(descriptor)
        launcher = nil
        #expect(isGone(pid))
    }
}
