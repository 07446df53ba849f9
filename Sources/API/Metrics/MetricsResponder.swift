import NIOCore
import NIOHTTP1

/// Answers the requests of one connection, one after the other.
final class MetricsResponder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let desk: StatusDesk
    private let limits: ConnectionLimits
    private var isAnswering = false
    /// Nothing more will come.
    private var isLast = false

    init(_ desk: StatusDesk, _ limits: ConnectionLimits) {
        self.desk = desk
        self.limits = limits
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What a request means is clear from its head; no request here has a body.
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        isAnswering = true
        let hasBody =
            head.headers.contains(name: "transfer-encoding") || (head.headers["content-length"].first ?? "0") != "0"
        if hasBody || !head.isKeepAlive { isLast = true }
        guard head.method == .GET || head.method == .HEAD else {
            return answer(context, head, Page(.methodNotAllowed, "only GET and HEAD\n", allow: "GET, HEAD"))
        }
        switch Self.path(head.uri) {
        case "/metrics": ask(context, head) { Page(metrics: $0) }
        case "/healthz": ask(context, head) { _ in Page(.ok, "ok\n") }
        default: answer(context, head, Page(.notFound, "metrics are at /metrics\n"))
        }
    }

    /// Without host and query.
    private static func path(_ uri: String) -> Substring {
        var path = uri.prefix { $0 != "?" }
        if path.hasPrefix("http://") {
            let rest = path.dropFirst("http://".count)
            path = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        return path
    }

    private func ask(
        _ context: ChannelHandlerContext,
        _ head: HTTPRequestHead,
        _ page: @escaping (AgentStatus) -> Page
    ) {
        desk.ask().assumeIsolated().whenComplete { result in
            switch result {
            case .success(let status): self.answer(context, head, page(status))
            case .failure(let error): self.answer(context, head, Page(.serviceUnavailable, "\(error)\n"))
            }
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ request: HTTPRequestHead, _ page: Page) {
        guard context.channel.isActive else { return }
        var headers = HTTPHeaders([
            ("Content-Type", page.type), ("Content-Length", "\(page.text.utf8.count)"),
            ("X-Content-Type-Options", "nosniff"),
        ])
        if let allow = page.allow { headers.add(name: "Allow", value: allow) }
        if isLast {
            headers.add(name: "Connection", value: "close")
        } else if request.version.minor == 0 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        let head = HTTPResponseHead(version: .http1_1, status: page.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: page.text)))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in self.end(context) }
        isAnswering = false
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    private func end(_ context: ChannelHandlerContext) {
        if isLast, !isAnswering { context.close(promise: nil) } else { limits.rest(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            // Whoever has said all may still listen.
            isLast = true
            if !isAnswering { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What is no HTTP has had its 400 from the handler before this one.
        context.close(promise: nil)
    }
}

/// What is answered.
struct Page {
    var status: HTTPResponseStatus
    var text: String
    var type = "text/plain; charset=utf-8"
    var allow: String?

    init(_ status: HTTPResponseStatus, _ text: String, allow: String? = nil) {
        self.status = status
        self.text = text
        self.allow = allow
    }

    init(metrics status: AgentStatus) {
        self.init(.ok, MetricsText.render(MetricsSource(status, process: .now())))
        type = MetricsText.contentType
    }
}
