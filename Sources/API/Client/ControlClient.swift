import Collector
import GRPCCore
import GRPCNIOTransportHTTP2TransportServices
import Glibc
import MartletV1

/// Asks a running agent, by its control socket.
package struct ControlClient: Sendable {
    package typealias Service = Martlet_V1_Agent.Client<HTTP2ClientTransport.WrappedChannel>

    private let path: String
    /// Bytes that the agent may send ahead.
    private static let window = 8 << 20

    package init(socket path: String) { self.path = path }

    /// Waits for what comes of the calls in `body`, which run on the loop of gRPC.
    package func call<Answer: Sendable>(
        _ body: @escaping @Sendable (Service) async throws -> Answer
    ) throws(ControlClientFailure) -> Answer {
        let executor: LoopExecutor
        do { executor = try GRPCLoop.get() } catch { throw .system("\(error)") }
        let descriptor = try connect()
        let outcome = Handover<Result<Answer, ControlClientFailure>>()
        Task.detached(executorPreference: executor) {
            do {
                let transport = try await GRPCConnection.transport(
                    descriptor,
                    on: executor.loop,
                    window: Self.window
                )
                let answer = try await GRPCConnection.ask(GRPCClient(transport: transport)) { client in
                    try await body(Service(wrapping: client))
                }
                outcome.put(.success(answer))
            } catch {
                outcome.put(.failure(ControlClientFailure(error)))
            }
        }
        return try outcome.take().get()
    }

    private func connect() throws(ControlClientFailure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room, !path.utf8.contains(0) else {
            throw .system("\(path): a socket's path has at most \(room - 1) bytes")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(String(cString: strerror(errno))) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let error = errno
            close(descriptor)
            switch error {
            case ENOENT, ECONNREFUSED: throw .nobody(path)
            case EACCES, EPERM:
                throw .notPermitted("may not connect to \(path): run as root, or as a member of its group")
            default: throw .system("\(path): \(String(cString: strerror(error)))")
            }
        }
        return descriptor
    }
}

/// Why an agent could not be asked, or did not answer.
package enum ControlClientFailure: Error, CustomStringConvertible {
    case nobody(String)
    case notPermitted(String)
    case refused(String)
    /// It went away in the middle.
    case ended(String)
    case system(String)

    init(_ error: any Error) {
        switch error {
        case let error as ControlClientFailure: self = error
        case let error as RPCError where error.code == .permissionDenied: self = .notPermitted(error.message)
        case let error as RPCError where error.code == .unavailable: self = .ended(error.message)
        case let error as RPCError: self = .refused(error.message)
        default: self = .system("\(error)")
        }
    }

    package var description: String {
        switch self {
        case .nobody(let path):
            "no agent listens on \(path): start one (systemctl start martlet, or martlet daemon), or name its socket (--socket)"
        case .notPermitted(let text), .refused(let text), .system(let text): text
        case .ended(let text): "the agent has gone: \(text)"
        }
    }
}
