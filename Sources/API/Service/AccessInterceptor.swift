import GRPCCore
import Logging
import MartletV1

/// Lets a call through to its service when whoever makes it may.
struct AccessInterceptor: ServerInterceptor {
    let access: Access
    let logger: Logger

    /// What only reads; everything else changes something.
    private static let reading: Set<MethodDescriptor> = [
        Martlet_V1_Agent.Method.GetStatus.descriptor, Martlet_V1_Agent.Method.GetLedger.descriptor,
        Martlet_V1_Agent.Method.StreamEvents.descriptor,
    ]

    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        let method = context.descriptor
        guard let peer = PeerHeader.peer(in: request.metadata) else {
            throw RPCError(code: .permissionDenied, message: "the kernel does not tell who calls")
        }
        let right = Self.reading.contains(method) ? Access.Right.read : .change
        guard access.allows(right, peer) else {
            logger.warning("uid \(peer.uid), pid \(peer.pid), may not call \(method.method)")
            throw RPCError(code: .permissionDenied, message: refusal(right, peer))
        }
        if right == .change { logger.notice("uid \(peer.uid), pid \(peer.pid), calls \(method.method)") }
        return try await next(request, context)
    }

    private func refusal(_ right: Access.Right, _ peer: Peer) -> String {
        let groups = right == .read ? access.readers.union(access.changers) : access.changers
        let names = groups.sorted().map(String.init).joined(separator: ", ")
        let who = groups.isEmpty ? "only root and the agent's own user may" : "it would have to be in group \(names)"
        return "user \(peer.uid) may not \(right == .read ? "read" : "change anything") here: \(who)"
    }
}
