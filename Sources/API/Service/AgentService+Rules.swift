import GRPCCore
import MartletV1

/// What can be asked about rules.
extension AgentService {
    func listRules(
        request: ServerRequest<Martlet_V1_ListRulesRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_ListRulesResponse> {
        let list = try await control.askRules { try await $0.rules() }
        return ServerResponse(message: .with { $0.rules = list.map(Martlet_V1_Rule.init) })
    }

    func addRules(
        request: ServerRequest<Martlet_V1_AddRulesRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_AddRulesResponse> {
        let message = request.message
        let addition = try await control.askRules { try await $0.add(message.toml, file: message.file) }
        let answer = Martlet_V1_AddRulesResponse.with {
            $0.problems = addition.problems
            $0.warnings = addition.warnings
            $0.added = addition.added
        }
        return ServerResponse(message: answer)
    }

    func removeRule(
        request: ServerRequest<Martlet_V1_RemoveRuleRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_RemoveRuleResponse> {
        let message = request.message
        guard !message.name.isEmpty else {
            throw RPCError(code: .invalidArgument, message: "name: which rule is meant?")
        }
        let tracer = message.tracer.isEmpty ? nil : message.tracer
        try await control.askRules { try await $0.remove(message.name, tracer: tracer) }
        return ServerResponse(message: Martlet_V1_RemoveRuleResponse())
    }

    func explainRules(
        request: ServerRequest<Martlet_V1_ExplainRulesRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_ExplainRulesResponse> {
        let text = try await control.askRules { try await $0.explain() }
        return ServerResponse(message: .with { $0.text = text })
    }
}

extension Martlet_V1_Rule {
    fileprivate init(_ rule: RuleStatus) {
        self.init()
        name = rule.name
        tracers = rule.tracers
        file = rule.file ?? ""
        severity = rule.severity
        tags = rule.tags
        filters = rule.filters.map { filter in
            .with {
                $0.key = filter.key
                $0.values = filter.values
            }
        }
        runtimes = rule.runtimes
        actions = rule.actions
        matched = rule.matched
        suppressed = rule.suppressed
    }
}
