import Engine
import Foundation
import GRPCCore
import MartletV1
import Model

/// `martlet.v1.Agent`: what a running agent can be asked. Who may was decided before (`AccessInterceptor`).
struct AgentService: Martlet_V1_Agent.ServiceProtocol {
    let control: any AgentControl
    let feed: EventFeed
    let node: String
    let access: Access

    func getStatus(
        request: ServerRequest<Martlet_V1_GetStatusRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_GetStatusResponse> {
        ServerResponse(message: Martlet_V1_GetStatusResponse(try await status()))
    }

    func getLedger(
        request: ServerRequest<Martlet_V1_GetLedgerRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_GetLedgerResponse> {
        ServerResponse(message: Martlet_V1_GetLedgerResponse(try await status().ledger))
    }

    func reload(
        request: ServerRequest<Martlet_V1_ReloadRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_ReloadResponse> {
        let outcome = await control.reload()
        let message = Martlet_V1_ReloadResponse.with {
            $0.problems = outcome.problems
            $0.applied = outcome.applied
            $0.atNextStart = outcome.atNextStart
            $0.overruled = outcome.overruled
            $0.missing = outcome.missing
        }
        return ServerResponse(message: message)
    }

    func streamEvents(
        request: ServerRequest<Martlet_V1_StreamEventsRequest>,
        context: ServerContext
    ) async throws -> StreamingServerResponse<Martlet_V1_StreamEventsResponse> {
        let wanted = try SubscriptionRequest(request.message)
        guard let caller = CallerHeader.caller(in: request.metadata) else {
            throw RPCError(code: .permissionDenied, message: "nobody tells who calls")
        }
        return StreamingServerResponse { writer in
            let subscription: Subscription
            do {
                subscription = try feed.subscribe(wanted, caller: caller, isPrivileged: access.allows(.change, caller))
            } catch let failure as ControlFailure {
                throw RPCError(failure)
            }
            defer { feed.unsubscribe(subscription) }
            try await send(subscription, wanted, to: writer)
            return [:]
        }
    }

    private func send(
        _ subscription: Subscription,
        _ wanted: SubscriptionRequest,
        to writer: RPCWriter<Martlet_V1_StreamEventsResponse>
    ) async throws {
        try await writer.write(.with { $0.started.node = node })
        while let piece = await subscription.next() {
            var message = Martlet_V1_StreamEventsResponse(piece)
            if case .dropped(let counts) = piece {
                message.dropped.lines = Data(LossLines.of(counts, wanted, node: node))
            }
            try await writer.write(message)
        }
        if !Task.isCancelled { throw RPCError(subscription.endReason) }
    }

    private func status() async throws -> AgentStatus {
        do { return try await control.status() } catch let failure as ControlFailure { throw RPCError(failure) }
    }
}

extension RPCError {
    init(_ failure: ControlFailure) {
        self.init(code: failure == .stopping ? .unavailable : .resourceExhausted, message: "\(failure)")
    }
}

extension Martlet_V1_StreamEventsResponse {
    fileprivate init(_ piece: FeedQueue.Piece) {
        self.init()
        switch piece {
        case .lines(let bytes, let counts):
            batch.lines = Data(bytes)
            batch.count = UInt32(counts.total)
        case .dropped(let counts):
            dropped.count = counts.total
            dropped.kinds = EventKind.allCases.filter { counts[$0] > 0 }.map { kind in
                .with {
                    $0.kind = "\(kind.name)"
                    $0.count = counts[kind]
                }
            }
        }
    }
}
