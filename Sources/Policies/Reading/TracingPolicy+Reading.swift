extension TracingPolicy {
    static let version = "cilium.io/v1alpha1"

    /// Nil, with problems, where something of it does not hold.
    init?(_ node: YAMLNode, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, "", reading, "a policy: apiVersion, kind, metadata, spec") else {
            return nil
        }
        if let version = fields.text("apiVersion", required: "write apiVersion: \(Self.version)"),
            version.value != Self.version
        {
            fields.error(
                "apiVersion",
                version.place,
                "'\(VisibleText.of(version.value))' is unknown; write \(Self.version)"
            )
        }
        let kinds = Kind.allCases.map(\.rawValue)
        let kind = fields.choice("kind", kinds, required: "write one of \(kinds.joined(separator: ", "))") {
            Kind(rawValue: $0)
        }
        let metadata = fields.required("metadata", "it holds the policy's name").flatMap {
            PolicyMetadata($0, "metadata", kind?.value ?? .cluster, reading)
        }
        let spec = fields.required("spec", "it says what the policy watches").flatMap {
            PolicySpec($0, "spec", kind?.value ?? .cluster, reading)
        }
        fields.withoutEffect(["status"], "is written by Kubernetes; it has no effect")
        fields.finish()
        guard !reading.hasErrors, let kind, let metadata, let spec else { return nil }
        self.init(place: node.place, kind: kind.value, metadata: metadata, spec: spec)
    }
}

extension PolicyMetadata {
    /// What Kubernetes writes there itself, as in files that come out of it.
    private static let ofKubernetes = [
        "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generateName",
        "generation", "managedFields", "ownerReferences", "resourceVersion", "selfLink", "uid",
    ]

    init?(_ node: YAMLNode, _ path: String, _ kind: TracingPolicy.Kind, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a mapping with the policy's name") else { return nil }
        let name = fields.text("name", required: "events and commands call the policy by it")
        if let name, !KubernetesName.isSubdomain(name.value) {
            fields.error(
                "name",
                name.place,
                "'\(VisibleText.of(name.value))' is no name for Kubernetes; "
                    + "small letters, digits, dashes and dots are allowed, at most 253"
            )
        }
        var namespace = fields.text("namespace")
        if let given = namespace {
            if kind == .cluster {
                fields.warning("namespace", given.place, "a TracingPolicy is for all namespaces; it has no effect")
                namespace = nil
            } else if !KubernetesName.isLabel(given.value) {
                fields.error(
                    "namespace",
                    given.place,
                    "'\(VisibleText.of(given.value))' is no namespace; small letters, digits and dashes are allowed, at most 63"
                )
            }
        } else if kind == .namespaced {
            namespace = Placed("default", node.place)
        }
        var labels: [String: String] = [:]
        for (key, value) in fields.dictionary("labels") {
            if !KubernetesName.isKey(key.value) || !KubernetesName.isValue(value.value) {
                fields.error(
                    "labels",
                    key.place,
                    "'\(VisibleText.of(key.value)): \(VisibleText.of(value.value))' is no label; "
                        + "letters, digits, dashes, dots and underscores are allowed, at most 63"
                )
            }
            labels[key.value] = value.value
        }
        var annotations: [String: String] = [:]
        for (key, value) in fields.dictionary("annotations") { annotations[key.value] = value.value }
        fields.withoutEffect(Self.ofKubernetes, "is written by Kubernetes; it has no effect")
        fields.finish()
        guard let name else { return nil }
        self.init(name: name, namespace: namespace, labels: labels, annotations: annotations)
    }
}
