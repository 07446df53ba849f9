import Agent
import CForbidden
import CPrivileges
import Glibc
import Logging
import Outputs

/// `confined tries|second-thread|kept UID FOLDER`: what a process may do after it has given up privileges, as KEY=VALUE.
@main
struct Confined {
    private let options: RunOptions
    private let folder: String
    private let logger = Logger(label: "confined") { StreamLogHandler.standardError(label: $0) }

    private init(_ user: UserIdentity, _ folder: String) {
        var options = RunOptions()
        options.identity = user
        options.outputs = [.file(folder + "/out")]
        options.engines = nil
        self.options = options
        self.folder = folder
    }

    static func main() {
        let words = CommandLine.arguments
        guard words.count == 4, let user = UserIdentity(words[2]) else { exit(2) }
        let confined = Confined(user, words[3])
        do {
            switch words[1] {
            case "tries": try confined.tryAll()
            case "second-thread": try confined.dropTooLate()
            case "kept": try confined.keepSomething()
            default: exit(2)
            }
        } catch {
            print("\(error)")
            exit(3)
        }
    }

    /// Gives up what a run gives up, and does what is then forbidden, and what is not.
    private func tryAll() throws {
        guard let user = options.identity else { exit(2) }
        let launcher = try? ProgramLauncher("/bin/sh", ["-c", "cat <&3 >&3"], uid: user.uid, gid: user.gid)
        let confinement = try Privileges.drop(for: options, logger: logger)
        var number: UInt32 = 0
        while let name = forbidden_name(number) {
            print("\(String(cString: name))=\(forbidden_try(name))")
            number += 1
        }
        print("landlock=\(confinement.landlock ?? 0)")
        print("out=\(open(folder + "/out", O_WRONLY | O_CREAT, 0o600) < 0 ? errno : 0)")
        print("rename=\(rename(folder + "/out", folder + "/out.1") < 0 ? errno : 0)")
        print("null=\(open("/dev/null", O_WRONLY) < 0 ? errno : 0)")
        print("read=\(open("/proc/self/status", O_RDONLY) < 0 ? errno : 0)")
        print("launch=\(launcher.map(Self.launch) ?? -1)")
        print("thread=\(forbidden_start_thread())")
        try confinement.verify()
        print("verified=1")
    }

    /// 0: a program that this process may not execute runs, and answers.
    private static func launch(_ launcher: ProgramLauncher) -> Int32 {
        do throws(LaunchFailure) {
            let descriptor = try launcher.launch()
            defer { close(descriptor) }
            var byte: UInt8 = 7
            guard write(descriptor, &byte, 1) == 1, read(descriptor, &byte, 1) == 1, byte == 7 else { return -1 }
            return 0
        } catch {
            return error.errno
        }
    }

    private func dropTooLate() throws {
        _ = forbidden_start_thread()
        _ = try Privileges.drop(for: options, logger: logger)
    }

    /// Gives up everything in one of two threads, as whoever is too late does.
    private func keepSomething() throws {
        _ = forbidden_start_thread()
        let plan = PrivilegePlan(for: options, as: nil, on: .init(), holding: [])
        var calls = cprivileges_calls()
        guard cprivileges_keep(plan.capabilities.bits) == 0, cprivileges_seal() == 0,
            cprivileges_filter_agent(&calls) == 0
        else { exit(4) }
        try Privileges.verify(plan)
    }
}
