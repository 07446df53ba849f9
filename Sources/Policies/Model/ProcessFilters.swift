import Model
import UserInput

/// Whether something must be in a set or must not.
package enum SetOperator: String, Sendable, CaseIterable {
    case isIn = "In"
    case isNotIn = "NotIn"
}

/// A condition on the number of a process.
package struct ProcessFilter: Sendable {
    /// Where it begins.
    package let place: InputPlace
    /// In or not in.
    package let `operator`: SetOperator
    /// The numbers.
    package let values: [UInt32]
    /// Whether the numbers are those of the process's own namespace.
    package let isNamespaced: Bool
    /// Whether descendants are meant too.
    package let followsForks: Bool
}

/// A condition on a program's path.
package struct BinaryFilter: Sendable {
    /// How a path is compared.
    package enum Operator: String, Sendable, CaseIterable {
        case isIn = "In"
        case isNotIn = "NotIn"
        case prefix = "Prefix"
        case notPrefix = "NotPrefix"
        case postfix = "Postfix"
        case notPostfix = "NotPostfix"
    }

    /// Where it begins.
    package let place: InputPlace
    /// How the path is compared.
    package let `operator`: Operator
    /// With what.
    package let values: [Placed<String>]
    /// Whether descendants are meant too.
    package let followsChildren: Bool
}

/// The kernel's kinds of namespaces.
package enum NamespaceKind: String, Sendable, CaseIterable {
    case uts = "Uts"
    case ipc = "Ipc"
    case mount = "Mnt"
    case pid = "Pid"
    case pidForChildren = "PidForChildren"
    case network = "Net"
    case time = "Time"
    case timeForChildren = "TimeForChildren"
    case cgroup = "Cgroup"
    case user = "User"
}

/// A condition on a namespace of the process.
package struct NamespaceFilter: Sendable {
    /// A namespace.
    package enum Value: Sendable, Hashable {
        /// The machine's own.
        case host
        /// By its inode's number.
        case inode(UInt32)
    }

    /// Where it begins.
    package let place: InputPlace
    /// Which of its namespaces.
    package let kind: NamespaceKind
    /// In or not in.
    package let `operator`: SetOperator
    /// The namespaces.
    package let values: [Value]
}

/// A condition on namespaces that the process has changed.
package struct NamespaceChangeFilter: Sendable {
    /// Where it begins.
    package let place: InputPlace
    /// In or not in.
    package let `operator`: SetOperator
    /// The kinds.
    package let values: [NamespaceKind]
}

/// A condition on capabilities of the process.
package struct CapabilityFilter: Sendable {
    /// Which of its sets.
    package enum Set: String, Sendable, CaseIterable {
        case effective = "Effective"
        case inheritable = "Inheritable"
        case permitted = "Permitted"
    }

    /// Where it begins.
    package let place: InputPlace
    /// Which of its sets.
    package let set: Set
    /// In: any of them. Not in: none of them.
    package let `operator`: SetOperator
    /// A bit for each capability.
    package let mask: UInt64
    /// Whether only processes of other user namespaces than the machine's are meant.
    package let isNamespaced: Bool
}

/// A condition on pods and containers.
package struct WorkloadFilter: Sendable {
    /// Where it begins.
    package let place: InputPlace
    /// Which pods.
    package let pods: LabelSelector?
    /// Which containers.
    package let containers: LabelSelector?
    /// Whether processes outside of pods are meant too.
    package let includesHost: Bool
}
