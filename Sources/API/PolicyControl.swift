/// What the control socket asks about tracing policies of the agent, which lies above it.
package protocol PolicyControl: Sendable {
    /// All policies, in the order in which they came.
    func policies() async throws -> [PolicyStatus]
    /// Loads the policies of a text, all of them or none.
    ///
    /// - Parameter file: what problems call the text; empty: it has no name.
    func add(_ yaml: String, file: String) async throws -> PolicyAddition
    /// Unloads a policy and forgets it.
    func remove(_ policy: PolicyID) async throws
    /// Takes a policy's hooks off, or puts them back.
    func set(_ policy: PolicyID, enabled: Bool) async throws
}

/// What names a policy.
package struct PolicyID: Sendable, Hashable, CustomStringConvertible {
    package let name: String
    /// In Kubernetes; empty: it holds everywhere.
    package let namespace: String

    package init(_ name: String, namespace: String = "") {
        self.name = name
        self.namespace = namespace
    }

    package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

/// How a policy is.
package struct PolicyStatus: Sendable, Equatable {
    /// Whether its hooks are there.
    package enum State: Sendable, Equatable {
        case enabled
        case disabled
        /// Some of them: each of the others says why.
        case partiallyEnabled
        /// None of them, and this is why.
        case error(String)
    }

    /// One place where it hooks in.
    package struct Hook: Sendable, Equatable {
        /// `kprobes`, `tracepoints`, ….
        package let section: String
        /// The function, tracepoint, hook or place in a file.
        package let target: String
        /// What it is attached with; empty: nothing, since the kernel has no such function.
        package let backend: String
        /// Why it does not work; nil: it does, or the policy allows that it does not.
        package let problem: String?

        /// Whether there is a program.
        package var works: Bool { problem == nil && !backend.isEmpty }

        package init(section: String, target: String, backend: String, problem: String? = nil) {
            self.section = section
            self.target = target
            self.backend = backend
            self.problem = problem
        }
    }

    package let id: PolicyID
    /// The file that it came from; nil: a client added it.
    package var file: String?
    package var state = State.enabled
    /// `monitor` or `enforce`.
    package var mode = ""
    package var hooks: [Hook] = []
    /// How many calls a selector of its matched.
    package var matched: UInt64 = 0
    /// How many of them were told.
    package var posted: UInt64 = 0
    /// How many of them a rate limit kept back.
    package var suppressed: UInt64 = 0
    /// What its maps and programs take in the kernel, in bytes.
    package var kernelMemory: UInt64 = 0

    package init(_ id: PolicyID) { self.id = id }
}

/// What came of adding policies.
package struct PolicyAddition: Sendable, Equatable {
    /// What is wrong, each with its place; then nothing has changed.
    package var problems: [String] = []
    package var added: [PolicyID] = []

    package init() {}
}

/// Why nothing was done about a policy.
package enum PolicyControlFailure: Error, Equatable, CustomStringConvertible {
    case unknown(PolicyID)
    /// It could not be done now.
    case failed(String)

    package var description: String {
        switch self {
        case .unknown(let policy): "there is no policy \(policy)"
        case .failed(let reason): reason
        }
    }
}
