import BPFDAPI
import Collector
import GRPCCore
import GRPCNIOTransportHTTP2TransportServices
import MartletV1
import NIOCore
import NIOSSL

/// Asks a running agent, by its control socket.
package struct ControlClient: Sendable {
    package typealias Service = Martlet_V1_Agent.Client<HTTP2ClientTransport.WrappedChannel>
    package typealias BPFDService = Grpc_API.Client<HTTP2ClientTransport.WrappedChannel>

    /// Where the agent is.
    package enum Place: Sendable {
        case socket(String)
        /// By TLS; the name is what its certificate must say, nil: its address.
        case machine(TCPAddress, TLSFiles, name: String?)
    }

    private let place: Place
    /// Bytes that the agent may send ahead.
    private static let window = 8 << 20

    package init(_ place: Place) { self.place = place }

    package init(socket path: String) { place = .socket(path) }

    /// Waits for what comes of the calls in `body`, which run on the loop of gRPC.
    package func call<Answer: Sendable>(
        _ body: @escaping @Sendable (Service) async throws -> Answer
    ) throws(ControlClientFailure) -> Answer {
        try ask { try await body(Service(wrapping: $0)) }
    }

    /// The same with the calls of bpfd's service.
    package func callBPFD<Answer: Sendable>(
        _ body: @escaping @Sendable (BPFDService) async throws -> Answer
    ) throws(ControlClientFailure) -> Answer {
        try ask { try await body(BPFDService(wrapping: $0)) }
    }

    private func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (GRPCClient<HTTP2ClientTransport.WrappedChannel>) async throws -> Answer
    ) throws(ControlClientFailure) -> Answer {
        let executor: LoopExecutor
        do { executor = try GRPCLoop.get() } catch { throw .system("\(error)") }
        let (descriptor, prepare) = try connect()
        let outcome = Handover<Result<Answer, ControlClientFailure>>()
        Task.detached(executorPreference: executor) {
            do {
                let transport = try await GRPCConnection.transport(
                    descriptor,
                    on: executor.loop,
                    window: Self.window,
                    prepare
                )
                let answer = try await GRPCConnection.ask(GRPCClient(transport: transport)) { client in
                    try await body(client)
                }
                outcome.put(.success(answer))
            } catch {
                outcome.put(.failure(ControlClientFailure(error)))
            }
        }
        return try outcome.take().get()
    }

    /// A connection, and what has to be put in front of gRPC.
    private func connect() throws(ControlClientFailure) -> (Int32, @Sendable (any Channel) throws -> Void) {
        switch place {
        case .socket(let path): return (try Connecting.connect(path), { _ in })
        case .machine(let address, let files, let name):
            let context: NIOSSLContext
            do { context = try files.clientContext() } catch { throw .system("\(error)") }
            return (
                try Connecting.connect(address),
                { channel in
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: name)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            )
        }
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
        case let error as RPCError where error.code == .deadlineExceeded: self = .ended("it does not answer")
        case let error as RPCError: self = .refused(error.message)
        case let error as NIOSSLError: self = .system("TLS: \(error)")
        default: self = .system("\(error)")
        }
    }

    package var description: String {
        switch self {
        case .nobody(let path):
            "no agent listens on \(path): start one (systemctl start martlet, or martlet daemon), or name where it is "
                + "(--socket, --server)"
        case .notPermitted(let text), .refused(let text), .system(let text): text
        case .ended(let text): "the agent has gone, or does not take this connection: \(text)"
        }
    }
}
