import NIOCore

/// Closes a connection over which no call has come for a while: who says nothing must not hold a place for ever.
final class FirstCallLimit: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    /// How long a client may take to say who it is and what it wants.
    static let patience = TimeAmount.seconds(15)

    private var deadline: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    /// A call has come. On the loop.
    static func noteCall(on connection: any Channel) {
        let limit = try? connection.pipeline.syncOperations.handler(type: FirstCallLimit.self)
        limit?.deadline?.cancel()
    }
}
