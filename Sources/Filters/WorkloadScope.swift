import CWire
import Model

/// For which pods and containers something is.
package struct WorkloadScope: Hashable, Sendable {
    /// The Kubernetes namespace of the pods; nil: any.
    package let namespace: String?
    /// Nil: also containers of no pod.
    package let pods: LabelSelector?
    package let containers: LabelSelector?
    /// Whether processes outside of pods are meant too; where nothing is said of pods, those outside of containers.
    package let includesHost: Bool

    package init(namespace: String? = nil, pods: LabelSelector?, containers: LabelSelector?, includesHost: Bool) {
        self.namespace = namespace
        self.pods = pods
        self.containers = containers
        self.includesHost = includesHost
    }

    /// Whether no container is meant at all.
    package var isOfHost: Bool { includesHost && namespace == nil && pods == nil && containers == nil }

    /// Whether a container is meant, by what is known of it now: its name comes later than its first process.
    package func selects(_ container: Container) -> Bool {
        if isOfHost { return false }
        if namespace != nil || pods != nil {
            guard container.podUID != nil || container.text(\.pod) != nil else { return includesHost }
        }
        if let namespace, container.text(\.pod_namespace) != namespace { return false }
        if let pods, !pods.matches(container.labels) { return false }
        return containers?.matches(container.words) ?? true
    }
}

extension Container {
    /// What selectors of containers compare: its name, as its pod calls it if it has one, and where its image is from.
    fileprivate var words: [String: String] {
        var words: [String: String] = [:]
        words["name"] = text(\.pod_container) ?? text(\.name)
        words["repo"] = text(\.image).map(Self.repository)
        return words
    }

    /// An image's name without tag and digest.
    private static func repository(_ image: String) -> String {
        let name = image.prefix { $0 != "@" }
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return String(name) }
        return String(name[..<colon])
    }
}
