import Filters
import Policies

extension HookRun {
    /// Why a policy's text does not become hooks.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// What a policy of this specification asks for on this kernel; all of it must be there.
    static func requests(_ name: String, _ specification: String) throws -> [HookRequest] {
        var collection = PolicyCollection()
        collection.read(Array(PolicyFile.text(name, specification).utf8), file: "policy.yaml")
        guard let policy = collection.policies.first else {
            throw Refusal(description: collection.problems.map { "\($0)" }.joined(separator: "\n"))
        }
        var requests: [HookRequest] = []
        for hook in PolicyPlan(policy, on: RunningKernel()).hooks {
            switch hook.outcome {
            case .loads(let list): requests += list
            case .skipped(let problem): throw Refusal(description: problem.what)
            case .refused(let problems): throw Refusal(description: problems.map(\.what).joined(separator: "\n"))
            }
        }
        return requests
    }

    /// Adds a policy of this specification, all of it.
    @discardableResult
    func add(policy name: String, _ specification: String) throws -> Hooks.Ticket {
        let result = hooks.add([try Self.requests(name, specification)])[0]
        for case let failure? in result.failures { throw failure }
        return result.ticket
    }
}
