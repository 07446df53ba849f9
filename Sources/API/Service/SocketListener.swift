// On Linux this product is the transport's core: HTTP/2 over a listener that one brings oneself.
import GRPCNIOTransportHTTP2TransportServices
import NIOCore
import NIOPosix
import NIOSSL

/// Takes connections of a socket that listens already.
struct SocketListener: HTTP2ServerTransport.ListenerFactory {
    let descriptor: Int32
    let loop: any EventLoop
    /// Nil: what is said needs no protection.
    let tls: NIOSSLContext?

    /// Connections at once; one more is closed.
    private static let limit = 128
    /// How long a client may take until it is known who it is.
    private static let patience = TimeAmount.seconds(10)

    var eventLoopGroup: any EventLoopGroup { loop }

    func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
        connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
    ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
        let count = ConnectionCount()
        return try await ServerBootstrap(group: loop)
            .serverChannelInitializer { channel in
                AcceptPause.add(to: channel).flatMap { listenerConfigurator.configure(channel: channel) }
            }
            .bind(descriptor) { channel in
                // An initializer that fails would end the listener: one too many is closed instead.
                if !count.add(upTo: Self.limit) { channel.eventLoop.execute { channel.close(promise: nil) } }
                channel.closeFuture.whenComplete { _ in count.remove() }
                guard let tls else { return connectionConfigurator.configure(channel: channel, tls: .none) }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandlers(NIOSSLServerHandler(context: tls), HandshakeLimit(Self.patience))
                }
                .flatMap { connectionConfigurator.configure(channel: channel, tls: .configured(requireALPN: true)) }
            }
    }
}
