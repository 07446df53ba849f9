import Engine
import Foundation
import GRPCCore
import MartletV1
import Model

/// `martlet.v1.Agent`: what a running agent can be asked. Who may was decided before (`AccessInterceptor`).
struct AgentService: Martlet_V1_Agent.SimpleServiceProtocol {
    let control: any AgentControl
    let feed: EventFeed
    let node: String

    func getStatus(
        request: Martlet_V1_GetStatusRequest,
        context: ServerContext
    ) async throws -> Martlet_V1_GetStatusResponse {
        Martlet_V1_GetStatusResponse(try await status())
    }

    func getLedger(
        request: Martlet_V1_GetLedgerRequest,
        context: ServerContext
    ) async throws -> Martlet_V1_GetLedgerResponse {
        Martlet_V1_GetLedgerResponse(try await status().ledger)
    }

    func reload(
        request: Martlet_V1_ReloadRequest,
        context: ServerContext
    ) async throws -> Martlet_V1_ReloadResponse {
        let outcome = await control.reload()
        return Martlet_V1_ReloadResponse.with {
            $0.problems = outcome.problems
            $0.applied = outcome.applied
            $0.atNextStart = outcome.atNextStart
        }
    }

    func streamEvents(
        request: Martlet_V1_StreamEventsRequest,
        response: RPCWriter<Martlet_V1_StreamEventsResponse>,
        context: ServerContext
    ) async throws {
        let wanted = try SubscriptionRequest(request)
        let subscription: Subscription
        do {
            subscription = try feed.subscribe(wanted, peer: AccessInterceptor.peer)
        } catch let failure as ControlFailure {
            throw RPCError(failure)
        }
        defer { feed.unsubscribe(subscription) }
        try await response.write(.with { $0.started.node = node })
        while let piece = await subscription.next() {
            var message = Martlet_V1_StreamEventsResponse(piece)
            if case .dropped(let counts) = piece {
                message.dropped.lines = Data(LossLines.of(counts, wanted, node: node))
            }
            try await response.write(message)
        }
        if !Task.isCancelled { throw RPCError(ControlFailure.stopping) }
    }

    private func status() async throws -> AgentStatus {
        do { return try await control.status() } catch let failure as ControlFailure { throw RPCError(failure) }
    }
}

extension RPCError {
    fileprivate init(_ failure: ControlFailure) {
        self.init(code: failure == .stopping ? .unavailable : .resourceExhausted, message: "\(failure)")
    }
}

extension Martlet_V1_StreamEventsResponse {
    fileprivate init(_ piece: Subscription.Piece) {
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
