import Model

extension LabelSelector {
    /// What containers have in place of labels.
    static let containerKeys = ["name", "repo"]

    /// - Parameter keys: nil: any label.
    init?(_ node: YAMLNode, _ path: String, _ keys: [String]?, _ reading: PolicyReading) {
        let expected = "matchLabels, matchExpressions, or {} for all"
        guard var fields = FieldReader(node, path, reading, expected) else { return nil }
        var requirements: [Requirement] = []
        for (key, value) in fields.dictionary("matchLabels") {
            Self.check(key, [value], "\(path).matchLabels", keys, reading)
            requirements.append(Requirement(key: key.value, operator: .isIn, values: [value.value]))
        }
        for (node, path) in fields.list("matchExpressions", upTo: PolicyLimits.filters, of: "expressions") {
            if let requirement = Requirement(node, path, keys, reading) { requirements.append(requirement) }
        }
        fields.finish()
        self.init(requirements: requirements)
    }

    static func checkHost(_ node: YAMLNode, _ path: String, _ reading: PolicyReading) {
        if case .mapping(let pairs) = node.content, pairs.isEmpty { return }
        reading.error(node.place, path, "only {} is allowed: processes outside of pods are selected all or not at all")
    }

    fileprivate static func check(
        _ key: Placed<String>,
        _ values: [Placed<String>],
        _ path: String,
        _ keys: [String]?,
        _ reading: PolicyReading
    ) {
        if let keys {
            if !keys.contains(key.value) {
                let allowed = "allowed are \(keys.joined(separator: ", "))"
                reading.error(key.place, path, "containers have no '\(VisibleText.of(key.value))'; \(allowed)")
            }
            return
        }
        if !KubernetesName.isKey(key.value) {
            reading.error(
                key.place,
                path,
                "'\(VisibleText.of(key.value))' is no key of a label, such as app or example.org/app"
            )
        }
        for value in values where !KubernetesName.isValue(value.value) {
            reading.error(
                value.place,
                path,
                "'\(VisibleText.of(value.value))' is no value of a label; "
                    + "letters, digits, dashes, dots and underscores are allowed, at most 63"
            )
        }
    }
}

extension LabelSelector.Requirement {
    fileprivate init?(_ node: YAMLNode, _ path: String, _ keys: [String]?, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a mapping with key and operator") else { return nil }
        let key = fields.text("key", required: "it names the label")
        let names = LabelSelector.Operator.allCases.map(\.rawValue)
        let comparison = fields.choice("operator", names, required: "allowed are \(names.joined(separator: ", "))") {
            LabelSelector.Operator(rawValue: $0)
        }
        let values = fields.texts("values", upTo: PolicyLimits.values, of: "values")
        fields.finish()
        guard let key, let comparison else { return nil }
        LabelSelector.check(key, values, path, keys, reading)
        let needsValues = comparison.value == .isIn || comparison.value == .isNotIn
        if needsValues, values.isEmpty {
            reading.error(node.place, path, "has no values: \(comparison.value.rawValue) needs at least one")
        } else if !needsValues, let value = values.first {
            fields.error("values", value.place, "\(comparison.value.rawValue) takes none")
        }
        self.init(key: key.value, operator: comparison.value, values: values.map(\.value))
    }
}
