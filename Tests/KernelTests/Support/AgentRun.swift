import Foundation
import Glibc

/// `martlet run -o json` as a process of its own, ready when the initializer returns.
///
/// "Ready" is what the agent itself says, and it says so when the hooks are on and the snapshot is taken: what a test
/// does from then on is seen. On SIGINT it empties the rings, so all that a test did before has arrived.
final class AgentRun {
    /// What a run left behind.
    struct Result {
        let events: [Event]
        let books: Books
        let outcome: Child.Outcome

        func events(_ kind: String, pid: pid_t) -> [Event] { events.filter { $0.kind == kind && $0.pid == Int(pid) } }

        func children(_ kind: String, of parent: pid_t) -> [Event] {
            events.filter { $0.kind == kind && $0.parentPid == Int(parent) }
        }
    }

    let child: Child

    /// Starts the agent for these kinds of events, separated by commas, and waits until it watches.
    init(
        _ kinds: String,
        _ options: [String] = [],
        format: String = "json",
        output: String? = nil,
        outputDescriptor: Int32? = nil,
        program: String? = nil,
        through wrapper: [String] = []
    ) throws {
        let arguments =
            wrapper + [try program ?? Products.martlet(), "run", "-v", "-o", format, "--event", kinds] + options
        child = try Child(arguments, output: output, outputDescriptor: outputDescriptor)
        let ready = eventually(within: Machine.scale == 1 ? 20 : 200) {
            child.errors.contains("martlet: watching ") || hasEnded
        }
        guard ready, !hasEnded else {
            throw Child.Failure(description: "martlet did not come to watch: \(child.errors)")
        }
    }

    private var hasEnded: Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(child.pid), &information, WEXITED | WNOHANG | WNOWAIT) != 0
            || information.si_signo != 0
    }

    /// Interrupts it, as Ctrl-C does, and reads what it wrote.
    func stop(signal: Int32 = SIGINT) throws -> Result {
        child.signal(signal)
        return try finish()
    }

    /// Waits for it to end by itself, and reads what it wrote.
    func finish(seconds: Double = 60) throws -> Result {
        let outcome = try child.wait(seconds: seconds)
        return Result(events: try Self.parse(outcome.output), books: Books(outcome.errors), outcome: outcome)
    }

    static func parse(_ text: String) throws -> [Event] {
        try text.utf8.split(separator: UInt8(ascii: "\n")).map { try Event($0) }
    }

    /// Runs the agent around `body`.
    static func around(
        _ kinds: String,
        _ options: [String] = [],
        _ body: () throws -> Void
    ) throws -> Result {
        let run = try AgentRun(kinds, options)
        try body()
        return try run.stop()
    }
}

/// Runs the workload, which must succeed, and returns its pid and what it said.
@discardableResult
func workload(_ arguments: String...) throws -> (pid: pid_t, outcome: Child.Outcome) {
    let child = try Child([try Products.workload()] + arguments)
    let outcome = try child.wait()
    guard outcome.status == 0 else {
        throw Child.Failure(description: "workload \(arguments): status \(outcome.status): \(outcome.errors)")
    }
    return (child.pid, outcome)
}

/// Runs a line of shell, which must succeed; `$WORKLOAD` is the workload. With `exec` its pid is the last program's.
@discardableResult
func shell(_ line: String, in wrapper: [String] = []) throws -> (pid: pid_t, outcome: Child.Outcome) {
    var environment = ProcessInfo.processInfo.environment
    environment["WORKLOAD"] = try Products.workload()
    let child = try Child(wrapper + ["/bin/sh", "-ec", line], environment: environment)
    let outcome = try child.wait()
    guard outcome.status == 0 else {
        throw Child.Failure(description: "\(line): status \(outcome.status): \(outcome.errors)")
    }
    return (child.pid, outcome)
}
