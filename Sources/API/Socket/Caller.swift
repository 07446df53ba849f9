import NIOCore
import NIOSSL

/// Who makes a call.
package enum Caller: Sendable, Equatable {
    /// A process of this machine, over a unix socket.
    case process(Peer)
    /// Somebody with a certificate of the authority that clients must have one of, over TLS, from this address.
    case certificate(String)

    /// Of a connection that has just been accepted; over TLS it has shown no certificate yet.
    static func connecting(_ connection: any Channel) -> EventLoopFuture<Caller> {
        guard let address = connection.remoteAddress, address.protocol != .unix else {
            return Peer.of(connection).map { .process($0) }
        }
        return connection.eventLoop.makeSucceededFuture(
            .certificate("\(address.ipAddress ?? "?"):\(address.port ?? 0)")
        )
    }

    /// Of a connection. The future fails when neither holds.
    static func of(_ connection: any Channel) -> EventLoopFuture<Caller> {
        guard let address = connection.remoteAddress, address.protocol != .unix else {
            return Peer.of(connection).map { .process($0) }
        }
        return connection.eventLoop.makeCompletedFuture {
            // There are no calls before the handshake is over, and it asks for a certificate.
            _ = try connection.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            return .certificate("\(address.ipAddress ?? "?"):\(address.port ?? 0)")
        }
    }

    /// Without what differs between calls of one user or machine.
    var user: String {
        switch self {
        case .process(let peer): "user \(peer.uid)"
        case .certificate(let address):
            "who comes from \(address.prefix(upTo: address.lastIndex(of: ":") ?? address.endIndex))"
        }
    }

    /// For people.
    package var description: String {
        switch self {
        case .process(let peer): "user \(peer.uid), pid \(peer.pid)"
        case .certificate(let address): "who comes from \(address)"
        }
    }
}
