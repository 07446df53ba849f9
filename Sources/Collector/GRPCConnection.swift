import GRPCCore
// On Linux this product is the transport's core, HTTP/2 over a channel that one brings oneself, and nothing more.
import GRPCNIOTransportHTTP2TransportServices
import NIOCore
import NIOPosix

/// gRPC over a connection that is there already.
package enum GRPCConnection {
    /// A transport over a connected socket, which it closes.
    ///
    /// - Parameters:
    ///   - window: how many bytes the other side may send ahead.
    ///   - prepare: adds handlers in front of gRPC's own.
    package static func transport(
        _ descriptor: Int32,
        on loop: any EventLoop,
        window: Int,
        _ prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) async throws -> HTTP2ClientTransport.WrappedChannel {
        let configuration = HTTP2ClientTransport.WrappedChannel.Config.defaults {
            // Go's servers refuse a path as their own name.
            $0.http2.authority = "localhost"
            $0.http2.targetWindowSize = window
        }
        return try await .wrapping(config: configuration) { configure in
            try await ClientBootstrap(group: loop).withConnectedSocket(descriptor) { channel in
                channel.eventLoop.makeCompletedFuture { try prepare(channel) }.flatMap { configure(channel) }
            }
        }
    }

    /// The answer of `questions`; when it is there, the connection is closed.
    package static func ask<Answer: Sendable>(
        _ client: GRPCClient<HTTP2ClientTransport.WrappedChannel>,
        _ questions: @escaping @Sendable (GRPCClient<HTTP2ClientTransport.WrappedChannel>) async throws -> Answer
    ) async throws -> Answer {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            defer { tasks.cancelAll() }
            // When the server hangs up, the questions fail by themselves, and say why.
            tasks.addTask { try? await client.runConnections() }
            return try await questions(client)
        }
    }
}
