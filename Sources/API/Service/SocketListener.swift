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
    let access: Access

    var eventLoopGroup: any EventLoopGroup { loop }

    func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
        connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
    ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
        let places = ConnectionPlaces(access: access)
        return try await ServerBootstrap(group: loop)
            .serverChannelInitializer { channel in
                AcceptPause.add(to: channel).flatMap { listenerConfigurator.configure(channel: channel) }
            }
            .bind(descriptor) { channel in
                prepare(channel, places).flatMap {
                    connectionConfigurator.configure(
                        channel: channel,
                        tls: tls == nil ? .none : .configured(requireALPN: true)
                    )
                }
            }
    }

    /// Never fails, since that would end the listener: a connection that is one too many is closed.
    private func prepare(_ channel: any Channel, _ places: ConnectionPlaces) -> EventLoopFuture<Void> {
        Caller.connecting(channel).map { caller in
            if !places.take(caller) { channel.eventLoop.execute { channel.close(promise: nil) } }
            channel.closeFuture.whenComplete { _ in places.giveBack(caller) }
        }
        .flatMapErrorThrowing { _ in channel.eventLoop.execute { channel.close(promise: nil) } }
        .flatMap { channel.eventLoop.makeCompletedFuture { try addHandlers(channel) } }
        .flatMapErrorThrowing { _ in channel.eventLoop.execute { channel.close(promise: nil) } }
    }

    private func addHandlers(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        try pipeline.addHandler(FirstCallLimit())
    }
}
