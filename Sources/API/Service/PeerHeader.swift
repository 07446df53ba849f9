import GRPCCore
import NIOCore
import NIOHPACK
import NIOHTTP2

/// Has each call carry who makes it: a header that only the agent writes, since it takes away what a client sent under its name.
///
/// gRPC's transport tells a service nothing of the connection that a call came over.
final class PeerHeader: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload

    private static let name = "martlet-peer"
    private let peer: Peer?

    private init(_ peer: Peer?) { self.peer = peer }

    /// Adds the handler to a call's stream, in front of gRPC's own. Without it calls have no peer, and are refused.
    static func add(to stream: any Channel) -> EventLoopFuture<Void> {
        guard let connection = stream.parent else { return stream.eventLoop.makeSucceededVoidFuture() }
        return Peer.of(connection).map { Optional($0) }.flatMapErrorThrowing { _ in nil }.flatMapThrowing { peer in
            try stream.pipeline.syncOperations.addHandler(PeerHeader(peer), position: .first)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .headers(var headers) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        headers.headers.remove(name: Self.name)
        if let peer { headers.headers.add(name: Self.name, value: peer.text) }
        context.fireChannelRead(wrapInboundOut(.headers(headers)))
    }

    /// Who makes a call.
    static func peer(in metadata: Metadata) -> Peer? {
        metadata[stringValues: name].first { _ in true }.flatMap(Peer.init(text:))
    }
}

extension Peer {
    /// "pid uid group group …"
    fileprivate var text: String {
        ([Int(pid), Int(uid)] + groups.map(Int.init)).map(String.init).joined(separator: " ")
    }

    fileprivate init?(text: String) {
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count >= 2 else { return nil }
        self.init(
            pid: Int32(truncatingIfNeeded: numbers[0]),
            uid: UInt32(truncatingIfNeeded: numbers[1]),
            groups: Set(numbers[2...].map { UInt32(truncatingIfNeeded: $0) })
        )
    }
}
