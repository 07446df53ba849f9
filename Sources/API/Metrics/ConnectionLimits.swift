import NIOCore
import NIOHTTP1

/// What a connection may take: so many bytes for a request, and so long from its first byte until the answer is taken.
///
/// A timeout between bytes would be none: one byte now and then keeps a connection for ever.
final class ConnectionLimits: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// A scraper sends some 300 bytes.
    static let requestBytes = 16 << 10

    private let times: MetricsTimes
    private var isBusy = true
    private var isRefused = false
    private var bytes = 0
    private var deadline: Scheduled<Void>?

    init(_ times: MetricsTimes) { self.times = times }

    func handlerAdded(context: ChannelHandlerContext) { close(context, in: times.exchange) }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        if !isBusy {
            isBusy = true
            bytes = 0
            close(context, in: times.exchange)
        }
        bytes += unwrapInboundIn(data).readableBytes
        guard bytes <= Self.requestBytes else {
            isRefused = true
            return context.fireErrorCaught(HTTPParserError.headerOverflow)
        }
        context.fireChannelRead(data)
    }

    /// The answer is out: from now on the connection may rest for a while.
    func rest(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        isBusy = false
        close(context, in: times.rest)
    }

    private func close(_ context: ChannelHandlerContext, in time: TimeAmount) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}

/// How long things may take.
package struct MetricsTimes: Sendable {
    /// From the first byte of a request, or from connecting, until its answer is taken.
    package var exchange = TimeAmount.seconds(15)
    /// Between an answer and the next request. Prometheus asks every 15 to 60 s.
    package var rest = TimeAmount.seconds(90)
    /// Until the agent has said how it is.
    package var patience = TimeAmount.seconds(5)

    package init() {}
}
