import GRPCCore
// On Linux this product is the transport's core, HTTP/2 over a channel that one brings oneself, and nothing more.
import GRPCNIOTransportHTTP2TransportServices
import NIOCore
import NIOPosix

/// What asks an engine over gRPC.
typealias EngineClient = GRPCClient<HTTP2ClientTransport.WrappedChannel>

extension EngineSocket {
    /// Asks over one connection by gRPC; ends within a time and a size, however slowly or for ever the server talks.
    ///
    /// The connection is made and its other end looked at here, before gRPC gets it. All that gRPC does then it does on a loop of
    /// its own (`GRPCLoop`); the caller waits for what comes of it, and not for gRPC to end.
    func converse<Answer: Sendable>(
        milliseconds: Int,
        limit: Int,
        _ questions: @escaping @Sendable (EngineClient) async throws -> Answer
    ) throws(EngineFailure) -> Answer {
        let executor: LoopExecutor
        do { executor = try GRPCLoop.get() } catch { throw .system(error.errno) }
        let loop = executor.loop
        let descriptor = try open()
        // What is known first counts: that the time is over, and not the cancellation behind it.
        let outcome = Handover<Result<Answer, EngineFailure>>()
        let conversation = Task.detached(executorPreference: executor) {
            do {
                let transport = try await GRPCConnection.transport(descriptor, on: loop, window: limit) { channel in
                    let limit = AnswerLimit(limit) { outcome.put(.failure(.tooLarge)) }
                    try channel.pipeline.syncOperations.addHandler(limit)
                }
                outcome.put(.success(try await GRPCConnection.ask(GRPCClient(transport: transport), questions)))
            } catch {
                outcome.put(.failure(EngineFailure(error)))
            }
        }
        let deadline = loop.scheduleTask(in: .milliseconds(Int64(milliseconds))) {
            outcome.put(.failure(.slow))
        }
        let result = outcome.take()
        deadline.cancel()
        conversation.cancel()
        return try result.get()
    }
}

/// Closes a connection over which more comes than an answer has.
private final class AnswerLimit: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var rest: Int
    private let exceeded: @Sendable () -> Void

    init(_ limit: Int, _ exceeded: @escaping @Sendable () -> Void) {
        rest = limit
        self.exceeded = exceeded
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        rest -= unwrapInboundIn(data).readableBytes
        guard rest >= 0 else {
            exceeded()
            return context.close(promise: nil)
        }
        context.fireChannelRead(data)
    }
}

extension EngineFailure {
    /// Why a call by gRPC failed; not in the server's words, which may be anything.
    fileprivate init(_ error: any Error) {
        switch error {
        case let failure as EngineFailure: self = failure
        case let error as RPCError where error.code == .unimplemented: self = .noCRI
        case let error as RPCError where error.code == .resourceExhausted: self = .tooLarge
        // What could not be read is found out on this side.
        case let error as RPCError where error.code == .invalidArgument && error.cause != nil:
            self = .malformed("its message is not that of a container")
        case let error as RPCError: self = .malformed("gRPC ends with \(error.code)")
        default: self = .malformed("it does not speak gRPC")
        }
    }
}
