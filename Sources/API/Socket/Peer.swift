import CLinux
import Glibc
import NIOCore

/// Who is at the other end of a unix socket, as the kernel noted when it connected (unix(7), SO_PEERCRED, SO_PEERGROUPS).
package struct Peer: Sendable, Equatable {
    package let pid: Int32
    package let uid: UInt32
    /// Its group and supplementary groups.
    package let groups: Set<UInt32>

    package init(pid: Int32, uid: UInt32, groups: Set<UInt32>) {
        self.pid = pid
        self.uid = uid
        self.groups = groups
    }

    /// Of a connection. The future fails when the kernel does not tell.
    static func of(_ channel: any Channel) -> EventLoopFuture<Peer> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(PeerFailure())
        }
        let credentials: EventLoopFuture<clinux_peer> = socket.unsafeGetSocketOption(
            level: .socket,
            name: .init(rawValue: SO_PEERCRED)
        )
        // More groups than there is room for are an error, and then none counts but the first.
        let further: EventLoopFuture<InlineArray<256, UInt32>> = socket.unsafeGetSocketOption(
            level: .socket,
            name: .init(rawValue: CLINUX_SO_PEERGROUPS)
        ).flatMapErrorThrowing { _ in InlineArray(repeating: 0) }
        return credentials.and(further).map { credentials, further in
            // What the kernel did not fill in is 0; membership in root's group is not told by it then.
            let groups = further.indices.map { further[$0] }.filter { $0 != 0 }
            return Peer(pid: credentials.pid, uid: credentials.uid, groups: Set(groups + [credentials.gid]))
        }
    }
}

struct PeerFailure: Error {}
