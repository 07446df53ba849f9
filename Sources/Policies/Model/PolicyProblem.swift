/// Something in a policy that does not hold, or that has no effect.
package struct PolicyProblem: Sendable, Equatable, CustomStringConvertible {
    /// Whether the policy can be used all the same.
    package enum Severity: String, Sendable, Encodable {
        case error, warning
    }

    /// Where it was written.
    package let place: PolicyPlace
    /// The field's path in its document, such as `spec.kprobes[0].call`; empty where the whole document is meant.
    package let path: String
    /// What is wrong, and what is allowed or what to do.
    package let what: String
    /// Whether the policy can be used all the same.
    package let severity: Severity

    /// In one line, as compilers write it.
    package var description: String {
        let kind = severity == .warning ? "warning: " : ""
        return "\(place): \(kind)\(path.isEmpty ? "" : "\(path): ")\(what)"
    }
}
