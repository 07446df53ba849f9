import Foundation
import Glibc

/// `martlet daemon` as a process of its own, ready when the initializer returns, with a socket and a configuration of its own.
final class DaemonRun {
    let child: Child
    let folder: TemporaryFolder
    let socket: String
    let configuration: String

    /// - Parameters:
    ///   - text: of its configuration file; a sink of none is added.
    ///   - environment: further variables.
    init(
        _ text: String = "",
        _ options: [String] = [],
        environment: [String: String] = [:],
        in folder: TemporaryFolder? = nil,
        through wrapper: [String] = []
    ) throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        socket = folder("martlet.sock")
        configuration = folder("martlet.yaml")
        try Self.write(text, to: configuration)
        var variables = ProcessInfo.processInfo.environment
        variables.merge(environment) { $1 }
        let arguments = [
            try Products.martlet(), "daemon", "-v", "--config", configuration, "--socket", socket,
        ]
        child = try Child(wrapper + arguments + options, environment: variables)
        let ready = eventually(within: Machine.scale == 1 ? 20 : 200) { isUp || hasEnded }
        guard ready, isUp else {
            throw Child.Failure(description: "martlet daemon did not come to watch: \(child.errors)")
        }
    }

    private var isUp: Bool { child.errors.contains("martlet: watching ") && access(socket, F_OK) == 0 }

    private var hasEnded: Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(child.pid), &information, WEXITED | WNOHANG | WNOWAIT) != 0
            || information.si_signo != 0
    }

    /// Puts another configuration in place; a sink of none is added where there is no other.
    func configure(_ text: String) throws { try Self.write(text, to: configuration) }

    private static func write(_ text: String, to path: String) throws {
        let sink = text.contains("sink:") ? "" : "sink: none\n"
        try (text + sink).write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Runs `martlet COMMAND --socket …` to its end.
    func ask(_ command: String, _ options: [String] = [], through wrapper: [String] = []) throws -> Child.Outcome {
        try start(command, options, through: wrapper).wait(seconds: 60)
    }

    /// Runs `martlet policy COMMAND --socket …` to its end.
    func policy(_ command: String, _ options: [String] = []) throws -> Child.Outcome {
        try Child([try Products.martlet(), "policy", command, "--socket", socket] + options).wait(seconds: 60)
    }

    /// Runs `martlet rules COMMAND --socket …` to its end.
    func rules(_ command: String, _ options: String...) throws -> Child.Outcome {
        try Child([try Products.martlet(), "rules", command, "--socket", socket] + options).wait(seconds: 60)
    }

    /// Starts it, and leaves it running.
    func start(_ command: String, _ options: [String] = [], through wrapper: [String] = []) throws -> Child {
        try Child(wrapper + [try Products.martlet(), command, "--socket", socket] + options)
    }

    /// A `martlet trace -o json` that gets events when this returns.
    func trace(_ options: [String]) throws -> Child {
        let child = try start("trace", ["-v", "-o", "json"] + options)
        guard eventually(within: 60, { child.errors.contains("from now on") }) else {
            throw Child.Failure(description: "martlet trace did not start: \(child.errors)")
        }
        return child
    }

    /// Ends it as systemd does, and reads what it wrote.
    func stop() throws -> (books: Books, outcome: Child.Outcome) {
        child.signal(SIGTERM)
        let outcome = try child.wait(seconds: 60)
        return (Books(outcome.errors), outcome)
    }
}
