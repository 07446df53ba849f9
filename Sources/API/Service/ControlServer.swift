import Collector
import GRPCCore
// On Linux this product is the transport's core: HTTP/2 over a listener that one brings oneself.
import GRPCNIOTransportHTTP2TransportServices
import Logging
import NIOCore
import NIOPosix

/// The control socket: gRPC for whoever may connect, on the loop that all of gRPC runs on.
package final class ControlServer: Sendable {
    private let listener: ListenerBox
    private let server: GRPCServer<HTTP2ServerTransport.Custom<SocketListener>>
    private let executor: LoopExecutor
    private let logger: Logger
    private let ended = Handover<Bool>()

    /// What a call's request may have at most: a filter with a great many paths.
    private static let requestLimit = 1 << 20
    /// Calls at once over one connection.
    private static let streamLimit = 32

    /// Begins to answer at `start`.
    ///
    /// - Throws: when there is no thread or descriptor for it.
    package init(
        _ listener: consuming UnixListener,
        access: Access,
        control: any AgentControl,
        feed: EventFeed,
        node: String,
        logger: Logger
    ) throws(LoopFailure) {
        executor = try GRPCLoop.get()
        self.logger = logger
        let socket = SocketListener(descriptor: listener.descriptor, loop: executor.loop)
        self.listener = ListenerBox(listener)
        var config = HTTP2ServerTransport.Custom<SocketListener>.Config.defaults
        config.rpc.maxRequestPayloadSize = Self.requestLimit
        config.http2.maxConcurrentStreams = Self.streamLimit
        // A client that is gone and has not said so is asked after a minute.
        config.connection.keepalive.time = .seconds(60)
        config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { PeerHeader.add(to: $0) }
        server = GRPCServer(
            transport: HTTP2ServerTransport.Custom(listenerFactory: socket, config: config),
            services: [AgentService(control: control, feed: feed, node: node)],
            interceptors: [AccessInterceptor(access: access, logger: logger)]
        )
    }

    /// Begins to answer, on the loop.
    package func start() {
        Task.detached(executorPreference: executor) { [self] in
            do {
                try await server.serve()
            } catch {
                logger.error("\(listener.listener.path): the control socket has failed, restart the agent: \(error)")
            }
            ended.put(true)
        }
    }

    /// Takes no more calls, and waits for those that are being answered, for at most `seconds`.
    package func stop(within seconds: Double) {
        server.beginGracefulShutdown()
        _ = ended.take(within: seconds)
    }

    /// Keeps the lock, and removes the socket with itself.
    private final class ListenerBox: Sendable {
        let listener: UnixListener

        init(_ listener: consuming UnixListener) { self.listener = listener }
    }
}

/// Takes connections of a socket that listens already.
struct SocketListener: HTTP2ServerTransport.ListenerFactory {
    let descriptor: Int32
    let loop: any EventLoop

    /// Connections at once; one more is closed.
    private static let limit: Int = 128

    var eventLoopGroup: any EventLoopGroup { loop }

    func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
        connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
    ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
        let count = ConnectionCount()
        return try await ServerBootstrap(group: loop)
            .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
            .bind(descriptor) { channel in
                // An initializer that fails would end the listener: one too many is closed instead.
                if !count.add(upTo: Self.limit) { channel.eventLoop.execute { channel.close(promise: nil) } }
                channel.closeFuture.whenComplete { _ in count.remove() }
                return connectionConfigurator.configure(channel: channel, tls: .none)
            }
    }
}
