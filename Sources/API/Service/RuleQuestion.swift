import GRPCCore

extension AgentControl {
    /// Asks the agent about its rules, and tells what is in the way as gRPC has it.
    func askRules<Answer>(_ question: (any RuleControl) async throws -> Answer) async throws -> Answer {
        guard let rules else { throw RPCError(code: .unimplemented, message: "this agent has no rules") }
        do {
            return try await question(rules)
        } catch let failure as RuleControlFailure {
            switch failure {
            case .unknown: throw RPCError(code: .notFound, message: "\(failure)")
            case .failed: throw RPCError(code: .failedPrecondition, message: "\(failure)")
            }
        } catch let failure as ControlFailure {
            throw RPCError(failure)
        }
    }
}
