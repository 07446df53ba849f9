/// Which labels something must have, as Kubernetes writes it.
package struct LabelSelector: Sendable, Hashable {
    /// How a label is compared.
    package enum Operator: String, Sendable, CaseIterable {
        case isIn = "In"
        case isNotIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
    }

    /// One condition on one label.
    package struct Requirement: Sendable, Hashable {
        /// The label.
        package let key: String
        /// How it is compared.
        package let `operator`: Operator
        /// With what; empty for what only asks whether there is such a label.
        package let values: [String]

        package init(key: String, operator: Operator, values: [String]) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }

        /// Whether labels fulfil it.
        package func matches(_ labels: [String: String]) -> Bool {
            switch self.operator {
            case .isIn: labels[key].map(values.contains) ?? false
            case .isNotIn: !(labels[key].map(values.contains) ?? false)
            case .exists: labels[key] != nil
            case .doesNotExist: labels[key] == nil
            }
        }
    }

    /// All must hold; none: everything is selected.
    package let requirements: [Requirement]

    package init(requirements: [Requirement]) { self.requirements = requirements }

    /// Whether something with these labels is selected.
    package func matches(_ labels: [String: String]) -> Bool { requirements.allSatisfy { $0.matches(labels) } }
}
