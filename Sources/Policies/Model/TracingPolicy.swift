import UserInput

/// One document of a policy file, read and found right.
package struct TracingPolicy: Sendable {
    /// What a policy may be.
    package enum Kind: String, Sendable, CaseIterable, Encodable {
        case cluster = "TracingPolicy"
        case namespaced = "TracingPolicyNamespaced"
    }

    /// Where its document begins.
    package let place: InputPlace
    /// Of the whole machine, or of one Kubernetes namespace.
    package let kind: Kind
    /// What it is called.
    package let metadata: PolicyMetadata
    /// What it does.
    package let spec: PolicySpec

    /// The name that its events carry.
    package var name: String { metadata.name.value }
}

/// What a policy is called.
package struct PolicyMetadata: Sendable {
    /// The policy's name.
    package let name: Placed<String>
    /// The Kubernetes namespace; nil for a policy of the whole machine.
    package let namespace: Placed<String>?
    /// Labels of the policy itself, by key.
    package let labels: [String: String]
    /// Notes for people and other programs, by key.
    package let annotations: [String: String]
}
