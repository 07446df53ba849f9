import Collector
import GRPCCore
// On Linux this product is the transport's core: HTTP/2 over a listener that one brings oneself.
import GRPCNIOTransportHTTP2TransportServices
import Logging
import NIOSSL

/// gRPC for whoever may connect, on the loop that all of gRPC runs on: the control socket, or a port of TCP.
package final class ControlServer: Sendable {
    private let keeper: ListenerBox?
    private let name: String
    private let server: GRPCServer<HTTP2ServerTransport.Custom<SocketListener>>
    private let executor: LoopExecutor
    private let logger: Logger
    private let ended = Handover<Bool>()

    /// What a call's request may have at most: a filter with a great many paths.
    private static let requestLimit = 256 << 10
    /// Bytes of policies or rules that a call can bring, with room for the rest of it.
    package static let textLimit = requestLimit - (6 << 10)
    /// Calls at once over one connection.
    private static let streamLimit = 32

    /// What is asked, by whom.
    package struct Service: Sendable {
        package var access: Access
        package var control: any AgentControl
        package var feed: EventFeed
        package var node: String
        package var logger: Logger

        package init(
            access: Access,
            control: any AgentControl,
            feed: EventFeed,
            node: String,
            logger: Logger
        ) {
            self.access = access
            self.control = control
            self.feed = feed
            self.node = node
            self.logger = logger
        }
    }

    /// Begins to answer at `start`, by a unix socket.
    ///
    /// - Throws: when there is no thread or descriptor for it.
    package convenience init(_ listener: consuming UnixListener, _ service: Service) throws(LoopFailure) {
        let (name, descriptor) = (listener.path, listener.descriptor)
        try self.init(name, descriptor, nil, ListenerBox(listener), service)
    }

    /// Begins to answer at `start`, to those who have a certificate.
    ///
    /// - Throws: when there is no thread or descriptor for it.
    package convenience init(_ listener: TLSListener, _ service: Service) throws(LoopFailure) {
        try self.init("\(listener.address)", listener.descriptor, listener.context, nil, service)
    }

    private init(
        _ name: String,
        _ descriptor: Int32,
        _ tls: NIOSSLContext?,
        _ keeper: ListenerBox?,
        _ service: Service
    ) throws(LoopFailure) {
        executor = try GRPCLoop.get()
        self.name = name
        self.keeper = keeper
        logger = service.logger
        var config = HTTP2ServerTransport.Custom<SocketListener>.Config.defaults
        config.rpc.maxRequestPayloadSize = Self.requestLimit
        config.http2.maxConcurrentStreams = Self.streamLimit
        // A client that is gone and has not said so is asked after a minute.
        config.connection.keepalive.time = .seconds(60)
        config.connection.maxIdleTime = .seconds(300)
        config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { CallerHeader.add(to: $0) }
        let socket = SocketListener(descriptor: descriptor, loop: executor.loop, tls: tls, access: service.access)
        server = GRPCServer(
            transport: HTTP2ServerTransport.Custom(listenerFactory: socket, config: config),
            services: [
                AgentService(control: service.control, feed: service.feed, node: service.node, access: service.access),
                BPFDService(control: service.control, feed: service.feed, access: service.access),
            ],
            interceptors: [
                AccessInterceptor(
                    access: service.access,
                    logger: service.logger,
                    refusals: RefusalLog(service.logger)
                )
            ]
        )
    }

    /// Begins to answer, on the loop.
    package func start() {
        Task.detached(executorPreference: executor) { [self] in
            do {
                try await server.serve()
            } catch {
                logger.error("\(name): answers no more, restart the agent: \(error)")
            }
            ended.put(true)
        }
    }

    /// Takes no more calls, and waits for those that are being answered, for at most `seconds`.
    package func stop(within seconds: Double) {
        beginStopping()
        _ = ended.take(within: seconds)
    }

    /// Takes no more calls, and is not found any more.
    package func beginStopping() {
        keeper?.listener.remove()
        server.beginGracefulShutdown()
    }

    /// Keeps the lock, and removes the socket with itself.
    private final class ListenerBox: Sendable {
        let listener: UnixListener

        init(_ listener: consuming UnixListener) { self.listener = listener }
    }
}
