import Collector
import Dispatch
import GRPCCore
import GRPCNIOTransportHTTP2TransportServices
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A gRPC server on a unix socket that answers each call of the Kubernetes CRI as a test wants it.
///
/// It runs on a thread of its own: tests that wait may hold all the threads that tasks have.
final class FakeCRI: Sendable {
    /// What it does with a call.
    enum Behaviour: Sendable {
        /// Answers with these bytes, whatever they are.
        case answer([UInt8])
        case fail(RPCError.Code)
        /// Says nothing.
        case stay
    }

    let path: String
    private let folder: TemporaryFolderPath
    private let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let serving: Task<Void, any Error>
    private let service: Service

    /// The methods that were called so far.
    var asked: [String] { service.asked.withLock { $0 } }

    init(
        _ behaviour: @escaping @Sendable (_ method: String, _ request: [UInt8]) -> Behaviour,
        methods: [String] = ["ListContainers", "ContainerStatus", "PodSandboxStatus"]
    ) throws {
        folder = try TemporaryFolderPath()
        path = folder.path + "/cri.sock"
        let service = Service(methods: methods, behaviour: behaviour)
        self.service = service
        let transport = HTTP2ServerTransport.Custom(listenerFactory: Listener(path: path, loops: loops))
        let executor = LoopExecutor(loops.next())
        serving = Task.detached(executorPreference: executor) {
            try await GRPCServer(transport: transport, services: [service]).serve()
        }
        let isUp = DispatchSemaphore(value: 0)
        Task.detached(executorPreference: executor) {
            _ = await transport.listeningAddress
            isUp.signal()
        }
        isUp.wait()
    }

    deinit {
        // Before the folder, and not by the listener while the folder goes.
        unlink(path)
        serving.cancel()
        Task { [loops, serving] in
            _ = await serving.result
            try? await loops.shutdownGracefully()
        }
    }

    private struct Listener: HTTP2ServerTransport.ListenerFactory {
        let path: String
        let loops: MultiThreadedEventLoopGroup
        var eventLoopGroup: any EventLoopGroup { loops }

        func makeListeningChannel(
            listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
            connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
        ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
            try await ServerBootstrap(group: loops)
                .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
                .bind(unixDomainSocketPath: path) { connectionConfigurator.configure(channel: $0, tls: .none) }
        }
    }

    private final class Service: RegistrableRPCService {
        let asked = Mutex<[String]>([])
        let methods: [String]
        let behaviour: @Sendable (String, [UInt8]) -> Behaviour

        init(methods: [String], behaviour: @escaping @Sendable (String, [UInt8]) -> Behaviour) {
            self.methods = methods
            self.behaviour = behaviour
        }

        func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
            for method in methods {
                router.registerHandler(
                    forMethod: MethodDescriptor(
                        fullyQualifiedService: "runtime.v1.RuntimeService",
                        method: method,
                        type: .unary
                    ),
                    deserializer: RawBytes(),
                    serializer: RawBytes()
                ) { request, _ in
                    let message = try await ServerRequest(stream: request).message
                    self.asked.withLock { $0.append(method) }
                    switch self.behaviour(method, message) {
                    case .answer(let bytes): return StreamingServerResponse(single: ServerResponse(message: bytes))
                    case .fail(let code): throw RPCError(code: code, message: "no\nsuch thing")
                    case .stay:
                        try await Task.sleep(for: .seconds(3600))
                        throw RPCError(code: .cancelled, message: "")
                    }
                }
            }
        }
    }

    /// Messages as they are.
    private struct RawBytes: MessageSerializer, MessageDeserializer {
        func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }

        func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
            bytes.withUnsafeBytes { Array($0) }
        }
    }
}
