import BPFDAPI
import GRPCCore
import Logging
import MartletV1

/// Lets a call through to its service when whoever makes it may.
struct AccessInterceptor: ServerInterceptor {
    let access: Access
    let logger: Logger
    let refusals: RefusalLog

    /// What only reads; everything else changes something.
    private static let reading: Set<MethodDescriptor> = [
        Martlet_V1_Agent.Method.GetStatus.descriptor, Martlet_V1_Agent.Method.GetLedger.descriptor,
        Martlet_V1_Agent.Method.StreamEvents.descriptor, Martlet_V1_Agent.Method.ListPolicies.descriptor,
        Martlet_V1_Agent.Method.ListRules.descriptor, Martlet_V1_Agent.Method.ExplainRules.descriptor,
        Grpc_API.Method.ListRules.descriptor, Grpc_API.Method.LiveTrace.descriptor,
    ]

    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        let method = context.descriptor
        guard let caller = CallerHeader.caller(in: request.metadata) else {
            throw RPCError(code: .permissionDenied, message: "nobody tells who calls")
        }
        let right = Self.reading.contains(method) ? Access.Right.read : .change
        guard access.allows(right, caller) else {
            refusals.note(caller.user, method.method)
            throw RPCError(code: .permissionDenied, message: refusal(right, caller))
        }
        if right == .change { logger.notice("\(caller.description), calls \(method.method)") }
        return try await next(request, context)
    }

    private func refusal(_ right: Access.Right, _ caller: Caller) -> String {
        guard case .process(let peer) = caller else { return "nothing can be changed from another machine" }
        let groups = right == .read ? access.readers.union(access.changers) : access.changers
        let names = groups.sorted().map(String.init).joined(separator: ", ")
        let who = groups.isEmpty ? "only root and the agent's own user may" : "it would have to be in group \(names)"
        return "user \(peer.uid) may not \(right == .read ? "read" : "change anything") here: \(who)"
    }
}
