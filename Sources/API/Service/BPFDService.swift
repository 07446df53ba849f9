import BPFDAPI
import Formats
import GRPCCore
import GRPCProtobuf
import SwiftProtobuf

/// bpfd's `grpc.API`, for its clients. Who may call what was decided before (`AccessInterceptor`).
struct BPFDService: RegistrableRPCService {
    let control: any AgentControl
    let feed: EventFeed
    let access: Access

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        register(Grpc_API.Method.CreateRule.descriptor, with: &router, createRule)
        register(Grpc_API.Method.RemoveRule.descriptor, with: &router, removeRule)
        register(Grpc_API.Method.ListRules.descriptor, with: &router, listRules)
        router.registerHandler(
            forMethod: Grpc_API.Method.LiveTrace.descriptor,
            deserializer: ProtobufDeserializer<Grpc_LiveTraceRequest>(),
            serializer: EncodedMessage(),
            handler: { request, _ in try liveTrace(request.metadata) }
        )
    }

    private func register<Transport: ServerTransport, Input: SwiftProtobuf.Message, Output: SwiftProtobuf.Message>(
        _ method: MethodDescriptor,
        with router: inout RPCRouter<Transport>,
        _ answer: @escaping @Sendable (Input) async throws -> Output
    ) {
        router.registerHandler(
            forMethod: method,
            deserializer: ProtobufDeserializer<Input>(),
            serializer: ProtobufSerializer<Output>(),
            handler: { request, _ in
                let message = try await ServerRequest(stream: request).message
                return StreamingServerResponse(single: ServerResponse(message: try await answer(message)))
            }
        )
    }

    @Sendable private func createRule(_ request: Grpc_CreateRuleRequest) async throws -> Grpc_CreateRuleResponse {
        let rule = request.rule
        // The file's name, which bpfd's client falls back on, is known to the client alone.
        for (field, value) in [("name", rule.name), ("tracer", rule.tracer)] where value.isEmpty {
            throw RPCError(code: .invalidArgument, message: "rule.\(field): a rule needs one")
        }
        let addition = try await control.askRules { try await $0.add(BPFDRuleText.toml(rule), file: "") }
        guard addition.problems.isEmpty else {
            throw RPCError(code: .invalidArgument, message: addition.problems.joined(separator: "\n"))
        }
        return Grpc_CreateRuleResponse()
    }

    @Sendable private func removeRule(_ request: Grpc_RemoveRuleRequest) async throws -> Grpc_RemoveRuleResponse {
        guard !request.name.isEmpty else {
            throw RPCError(code: .invalidArgument, message: "name: which rule is meant?")
        }
        let tracer = request.tracer.isEmpty ? nil : request.tracer
        try await control.askRules { try await $0.remove(request.name, tracer: tracer) }
        return Grpc_RemoveRuleResponse()
    }

    @Sendable private func listRules(_ request: Grpc_ListRulesRequest) async throws -> Grpc_ListRulesResponse {
        let rules = try await control.askRules { try await $0.rules() }
        return .with { $0.rules = rules.flatMap(Grpc_Rule.all) }
    }

    /// Every event of bpfd's tracers from now on, one a message; many messages a write.
    private func liveTrace(_ metadata: Metadata) throws -> StreamingServerResponse<ArraySlice<UInt8>> {
        guard let caller = CallerHeader.caller(in: metadata) else {
            throw RPCError(code: .permissionDenied, message: "nobody tells who calls")
        }
        var wanted = SubscriptionRequest()
        wanted.filter.kinds = BPFDTracer.allKinds
        wanted.asBPFDMessages = true
        let request = wanted
        return StreamingServerResponse { writer in
            let subscription: Subscription
            do {
                subscription = try feed.subscribe(request, caller: caller, isPrivileged: access.allows(.change, caller))
            } catch let failure as ControlFailure {
                throw RPCError(failure)
            }
            defer { feed.unsubscribe(subscription) }
            while let piece = await subscription.next() {
                // bpfd's stream has no word for what is missing; the status counts it.
                guard case .lines(let bytes, _) = piece else { continue }
                try await writer.write(contentsOf: BPFDMessages.split(bytes))
            }
            if !Task.isCancelled { throw RPCError(subscription.endReason) }
            return [:]
        }
    }
}

/// Messages that were encoded before.
private struct EncodedMessage: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: ArraySlice<UInt8>) throws -> Bytes { Bytes(message) }
}

extension Grpc_Rule {
    /// A rule of ours, once for each of its tracers.
    fileprivate static func all(_ rule: RuleStatus) -> [Grpc_Rule] {
        (rule.tracers.isEmpty ? [""] : rule.tracers).map { tracer in
            .with {
                $0.name = rule.name
                $0.tracer = tracer
                for filter in rule.filters {
                    $0.filterEvents[filter.key, default: Grpc_Filter()].values += filter.values
                }
                $0.containerRuntimes = rule.runtimes
                $0.actions = rule.actions
            }
        }
    }
}
