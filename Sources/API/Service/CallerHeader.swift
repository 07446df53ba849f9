import GRPCCore
import NIOCore
import NIOHPACK
import NIOHTTP2

/// Has each call carry who makes it: a header that only the agent writes, since it takes away what a client sent under its name.
///
/// gRPC's transport tells a service nothing of the connection that a call came over.
final class CallerHeader: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload

    private static let name = "martlet-caller"
    private let caller: Caller?

    private init(_ caller: Caller?) { self.caller = caller }

    /// Adds the handler to a call's stream, in front of gRPC's own. Without it calls have no caller, and are refused.
    static func add(to stream: any Channel) -> EventLoopFuture<Void> {
        guard let connection = stream.parent else { return stream.eventLoop.makeSucceededVoidFuture() }
        FirstCallLimit.noteCall(on: connection)
        return Caller.of(connection).map { Optional($0) }.flatMapErrorThrowing { _ in nil }.flatMapThrowing { caller in
            try stream.pipeline.syncOperations.addHandler(CallerHeader(caller), position: .first)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .headers(var headers) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        headers.headers.remove(name: Self.name)
        if let caller { headers.headers.add(name: Self.name, value: caller.text) }
        context.fireChannelRead(wrapInboundOut(.headers(headers)))
    }

    /// Who makes a call.
    static func caller(in metadata: Metadata) -> Caller? {
        metadata[stringValues: name].first { _ in true }.flatMap(Caller.init(text:))
    }
}

extension Caller {
    /// "process PID UID GROUP GROUP …", "certificate ADDRESS"
    fileprivate var text: String {
        switch self {
        case .process(let peer):
            (["process", "\(peer.pid)", "\(peer.uid)"] + peer.groups.map(String.init)).joined(separator: " ")
        case .certificate(let address): "certificate \(address)"
        }
    }

    fileprivate init?(text: String) {
        let words = text.split(separator: " ")
        let numbers = words.dropFirst().compactMap { Int($0) }
        switch words.first {
        case "process" where numbers.count == words.count - 1 && numbers.count >= 2:
            let peer = Peer(
                pid: Int32(truncatingIfNeeded: numbers[0]),
                uid: UInt32(truncatingIfNeeded: numbers[1]),
                groups: Set(numbers[2...].map { UInt32(truncatingIfNeeded: $0) })
            )
            self = .process(peer)
        case "certificate" where words.count == 2: self = .certificate(String(words[1]))
        default: return nil
        }
    }
}
