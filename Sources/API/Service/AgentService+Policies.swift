import GRPCCore
import MartletV1

/// What can be asked about tracing policies.
extension AgentService {
    func listPolicies(
        request: ServerRequest<Martlet_V1_ListPoliciesRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_ListPoliciesResponse> {
        let list = try await asking { try await $0.policies() }
        return ServerResponse(message: .with { $0.policies = list.map(Martlet_V1_Policy.init) })
    }

    func addPolicy(
        request: ServerRequest<Martlet_V1_AddPolicyRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_AddPolicyResponse> {
        let message = request.message
        let addition = try await asking { try await $0.add(message.yaml, file: message.file) }
        let answer = Martlet_V1_AddPolicyResponse.with {
            $0.problems = addition.problems
            $0.added = addition.added.map(Martlet_V1_PolicyName.init)
        }
        return ServerResponse(message: answer)
    }

    func removePolicy(
        request: ServerRequest<Martlet_V1_RemovePolicyRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_RemovePolicyResponse> {
        let policy = try PolicyID(request.message.policy)
        try await asking { try await $0.remove(policy) }
        return ServerResponse(message: Martlet_V1_RemovePolicyResponse())
    }

    func setPolicyEnabled(
        request: ServerRequest<Martlet_V1_SetPolicyEnabledRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Martlet_V1_SetPolicyEnabledResponse> {
        let message = request.message
        let policy = try PolicyID(message.policy)
        try await asking { try await $0.set(policy, enabled: message.enabled) }
        return ServerResponse(message: Martlet_V1_SetPolicyEnabledResponse())
    }

    /// Asks the agent, and tells what is in the way as gRPC has it.
    private func asking<Answer>(_ question: (any PolicyControl) async throws -> Answer) async throws -> Answer {
        guard let policies = control.policies else {
            throw RPCError(code: .unimplemented, message: "this agent has no policies")
        }
        do {
            return try await question(policies)
        } catch let failure as PolicyControlFailure {
            switch failure {
            case .unknown: throw RPCError(code: .notFound, message: "\(failure)")
            case .failed: throw RPCError(code: .failedPrecondition, message: "\(failure)")
            }
        } catch let failure as ControlFailure {
            throw RPCError(failure)
        }
    }
}

extension PolicyID {
    fileprivate init(_ message: Martlet_V1_PolicyName) throws(RPCError) {
        guard !message.name.isEmpty else {
            throw RPCError(code: .invalidArgument, message: "policy.name: which policy is meant?")
        }
        self.init(message.name, namespace: message.namespace)
    }
}

extension Martlet_V1_PolicyName {
    fileprivate init(_ policy: PolicyID) {
        self.init()
        name = policy.name
        namespace = policy.namespace
    }
}

extension Martlet_V1_Policy {
    fileprivate init(_ policy: PolicyStatus) {
        self.init()
        name = policy.id.name
        namespace = policy.id.namespace
        file = policy.file ?? ""
        switch policy.state {
        case .enabled: state = .enabled
        case .disabled: state = .disabled
        case .partiallyEnabled: state = .partiallyEnabled
        case .error(let reason):
            state = .error
            error = reason
        }
        mode = policy.mode
        hooks = policy.hooks.map { hook in
            .with {
                $0.section = hook.section
                $0.target = hook.target
                $0.backend = hook.backend
                $0.working = hook.works
                let absent = hook.works ? "" : "the kernel has no such function, which the policy allows"
                $0.problem = hook.problem ?? absent
            }
        }
        matched = policy.matched
        posted = policy.posted
        suppressed = policy.suppressed
        kernelMemoryBytes = policy.kernelMemory
    }
}
