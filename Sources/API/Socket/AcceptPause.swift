import NIOCore

/// Has a listener rest when it cannot accept, for want of descriptors above all.
///
/// The connection that waits keeps the socket readable, so NIO would try again at once, and again. Its own handler against that
/// (AcceptBackoffHandler) holds back a read that was never taken back: a failed accept leaves it pending.
package final class AcceptPause: ChannelInboundHandler {
    package typealias InboundIn = Channel

    private let pause: TimeAmount

    package init(_ pause: TimeAmount = .seconds(1)) { self.pause = pause }

    /// For an initializer of listeners.
    static func add(to channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptPause()) }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is IOError else { return context.fireErrorCaught(error) }
        let channel = context.channel
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.scheduleTask(in: pause) { channel.setOption(.autoRead, value: true) }
    }
}
