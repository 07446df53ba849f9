import Model
import UserInput

/// What a rule asks of an event.
package indirect enum Condition: Sendable {
    /// Each of them; none is always true.
    case all([Condition])
    /// At least one of them; none is never true.
    case any([Condition])
    case not(Condition)
    /// Something about one field. Of a field that is absent nothing is true.
    case test(Subject, Test)

    /// Always true.
    package static let always = Condition.all([])
}

/// What a test looks at.
package enum Subject: Sendable, Hashable {
    /// A field of this name; kinds may have fields of the same name that are read from different places.
    case field(String)
    /// A field of any of the process' ancestors.
    case ancestor(String)
    /// One of bpfd's keys.
    case bpfd(String)
    /// Where the process runs.
    case container, pod, unit, runtime

    /// As users write it.
    package var name: String {
        switch self {
        case .field(let name): name
        case .ancestor(let name): "ancestor.\(name)"
        case .bpfd(let key): "filterEvents.\(key)"
        case .container: "container"
        case .pod: "pod"
        case .unit: "unit"
        case .runtime: "runtime"
        }
    }
}

/// What is asked of a value.
package enum Test: Sendable {
    /// One of these texts.
    case text(TextTest)
    /// In one of these ranges.
    case numbers([ClosedRange<Int64>])
    /// In one of these networks.
    case networks([AddressPrefix])
    case boolean(Bool)
    /// There is a value.
    case exists
    case container([ContainerPattern])
    case pod([PodPattern])
    case unit([UnitPattern])
    /// One of these; Kubernetes' is all that is in a pod.
    case runtimes(Set<ContainerRuntime>)
}

/// What is asked of a text; any of the values does.
package enum TextTest: Sendable {
    case exact([String])
    case prefix([String])
    case suffix([String])
    case contains([String])
    case glob([Glob])
    case regex([RegularExpression])
}
