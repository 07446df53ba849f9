import UserInput

/// When a hook does what; all of its conditions must hold.
package struct PolicySelector: Sendable {
    /// Where it begins.
    package let place: InputPlace
    /// What the books call it.
    package var label: Placed<String>?
    /// Which processes, by number.
    package var processes: [ProcessFilter]
    /// What the call's arguments must be.
    package var arguments: [ArgumentFilter]
    /// What is read beside the arguments must be.
    package var data: [ArgumentFilter]
    /// What the function must return.
    package var returns: [ArgumentFilter]
    /// What happens at the call; empty: an event.
    package var actions: [PolicyAction]
    /// What happens at the return; empty: an event.
    package var returnActions: [PolicyAction]
    /// Which program the process runs.
    package var binaries: [BinaryFilter]
    /// Which program the parent runs.
    package var parentBinaries: [BinaryFilter]
    /// Which namespaces the process is in.
    package var namespaces: [NamespaceFilter]
    /// Which namespaces it has left since it was executed.
    package var namespaceChanges: [NamespaceChangeFilter]
    /// Which capabilities it has.
    package var capabilities: [CapabilityFilter]
    /// Which capabilities have changed since it was executed.
    package var capabilityChanges: [CapabilityFilter]
    /// Which pods and containers it is for.
    package var workloads: WorkloadFilter?
    /// Parts that are written elsewhere in the policy.
    package var macros: [Placed<String>]

    /// This one and the parts that it names, as one.
    package func expanded(with parts: [String: PolicySelector]) -> PolicySelector {
        var result = self
        for name in macros {
            guard let part = parts[name.value] else { continue }
            result.label = result.label ?? part.label
            result.workloads = result.workloads ?? part.workloads
            result.processes += part.processes
            result.arguments += part.arguments
            result.data += part.data
            result.returns += part.returns
            result.actions += part.actions
            result.returnActions += part.returnActions
            result.binaries += part.binaries
            result.parentBinaries += part.parentBinaries
            result.namespaces += part.namespaces
            result.namespaceChanges += part.namespaceChanges
            result.capabilities += part.capabilities
            result.capabilityChanges += part.capabilityChanges
        }
        result.macros = []
        return result
    }
}
