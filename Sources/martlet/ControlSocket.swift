import API
import Agent
import ArgumentParser
import Glibc

/// Where a daemon is asked.
struct ControlSocket: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The control socket, where it is not \(ControlOptions.standardSocket); or MARTLET_SOCKET.",
            valueName: "path"
        ),
        completion: .file()
    )
    var socket: String?

    /// Asks, or ends the command with what is in the way.
    func call<Answer: Sendable>(
        _ body: @escaping @Sendable (ControlClient.Service) async throws -> Answer
    ) throws -> Answer {
        let variable = getenv("MARTLET_SOCKET").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        let path = socket ?? variable ?? ControlOptions.standardSocket
        do {
            return try ControlClient(socket: path).call(body)
        } catch {
            Console.writeError("martlet: \(error)")
            throw ExitStatus.of(error)
        }
    }
}

extension ExitStatus {
    fileprivate static func of(_ failure: ControlClientFailure) -> ExitCode {
        switch failure {
        case .nobody, .ended: unavailable
        case .notPermitted: notPermitted
        case .refused, .system: .failure
        }
    }
}
