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
        print("thread=\(forbidden_start_thread())")
        try confinement.verify()
        print("verified=1")
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
