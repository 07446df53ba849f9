import Foundation
import Glibc

/// A process of this test's own: started with posix_spawn, so that its pid is known and its wait status is the kernel's.
final class Child: @unchecked Sendable {
    /// How it ended and what it said.
    struct Outcome {
        /// As wait(2) gave it.
        let status: Int32
        let output: String
        let errors: String

        /// What it exited with; nil when a signal killed it.
        var code: Int32? { status & 0x7f == 0 ? status >> 8 & 0xff : nil }

        /// What killed it.
        var signal: Int32? { status & 0x7f == 0 ? nil : status & 0x7f }

        /// KEY=VALUE of a line that a workload printed.
        func value(_ key: String) -> String? {
            output.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix(key + "=") }
                .map { String($0.dropFirst(key.count + 1)) }
        }

        func number(_ key: String) -> Int? { value(key).flatMap { Int($0) } }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let pid: pid_t
    private let folder: TemporaryFolder
    private let outputPath: String
    private var outcome: Outcome?

    /// Starts a program, with standard output in a file of its own unless `output` names another place.
    init(
        _ arguments: [String],
        environment: [String: String]? = nil,
        output: String? = nil,
        outputDescriptor: Int32? = nil
    ) throws {
        folder = try TemporaryFolder()
        outputPath = output ?? folder("stdout")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let outputDescriptor {
            posix_spawn_file_actions_adddup2(&actions, outputDescriptor, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        posix_spawn_file_actions_addopen(&actions, 2, folder("stderr"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let program = arguments.first ?? ""
        let environment = environment ?? ProcessInfo.processInfo.environment
        var arguments = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Whatever the test runner does with signals is not the child's business.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var pid: pid_t = 0
        let error = posix_spawnp(&pid, program, &actions, &attributes, &arguments, &variables)
        guard error == 0 else {
            throw Failure(description: "\(program): \(String(cString: strerror(error)))")
        }
        self.pid = pid
    }

    deinit {
        guard outcome == nil else { return }
        kill(pid, SIGKILL)
        kill(pid, SIGCONT)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// What it has printed on standard error so far.
    var errors: String { text(folder("stderr")) }

    /// What it has printed on standard output so far.
    var output: String { text(outputPath) }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits until it ends; kills it when that takes longer than `seconds`.
    func wait(seconds: Double = 120) throws -> Outcome {
        if let outcome { return outcome }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(seconds)
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            guard clock.now < deadline else {
                throw Failure(description: "process \(pid) did not end within \(seconds) s; it said: \(errors)")
            }
            usleep(5000)
        }
        let outcome = Outcome(status: status, output: text(outputPath), errors: errors)
        self.outcome = outcome
        return outcome
    }

    private func text(_ path: String) -> String {
        // A device such as /dev/full never ends.
        var information = stat()
        guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return "" }
        return String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// Runs a program to its end.
    static func run(_ arguments: String..., seconds: Double = 120) throws -> (pid: pid_t, outcome: Outcome) {
        let child = try Child(arguments)
        return (child.pid, try child.wait(seconds: seconds))
    }
}

/// Waits until `condition` holds; false when it does not within `seconds`.
func eventually(within seconds: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    while try !condition() {
        if clock.now > deadline { return false }
        usleep(5000)
    }
    return true
}
