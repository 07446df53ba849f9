import Model
import UserInput

extension FieldReader {
    fileprivate mutating func setOperator() -> SetOperator? {
        choice("operator", SetOperator.allCases.map(\.rawValue), required: "allowed are In, NotIn") {
            SetOperator(rawValue: $0)
        }?.value
    }

    /// Texts, at least one.
    fileprivate mutating func values() -> [Placed<String>] {
        let hadProblems = reading.problems.count
        let values = texts("values", upTo: PolicyLimits.values, of: "values")
        if values.isEmpty, reading.problems.count == hadProblems {
            reading.error(place, path, "has no values: name at least one")
        }
        return values
    }

    /// Each value as what it means; else a problem.
    fileprivate func read<Value>(
        _ values: [Placed<String>],
        _ what: (String) -> String,
        _ make: (String) -> Value?
    ) -> [Value] {
        values.enumerated().compactMap { index, text in
            if let value = make(text.value) { return value }
            error("values[\(index)]", text.place, "'\(VisibleText.of(text.value))' is not \(what(text.value))")
            return nil
        }
    }
}

extension ProcessFilter {
    init?(_ node: YAMLNode, _ path: String, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a filter with operator and values") else { return nil }
        let comparison = fields.setOperator()
        let nodes = fields.list("values", upTo: PolicyLimits.values, of: "values")
        let values = nodes.compactMap {
            FieldReader.integer($0.node, 0...Int128(UInt32.max), $0.path, reading).map { UInt32($0.value) }
        }
        if nodes.isEmpty { reading.error(node.place, path, "has no values: name at least one process") }
        let isNamespaced = fields.boolean("isNamespacePID")
        let followsForks = fields.boolean("followForks")
        fields.finish()
        guard let comparison else { return nil }
        self.init(
            place: node.place,
            operator: comparison,
            values: values,
            isNamespaced: isNamespaced,
            followsForks: followsForks
        )
    }
}

extension BinaryFilter {
    init?(_ node: YAMLNode, _ path: String, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a filter with operator and values") else { return nil }
        let names = Operator.allCases.map(\.rawValue)
        let comparison = fields.choice("operator", names, required: "allowed are \(names.joined(separator: ", "))") {
            Operator(rawValue: $0)
        }
        let values = fields.texts("values", upTo: PolicyLimits.values, of: "values")
        let follows = fields.placedBoolean("followChildren")
        fields.finish()
        guard let comparison else { return nil }
        let isWhole = comparison.value == .isIn || comparison.value == .isNotIn
        if values.isEmpty { reading.warning(node.place, path, "has no values: it has no effect") }
        if let follows, follows.value, !isWhole {
            fields.error("followChildren", follows.place, "goes together with In and NotIn alone")
        }
        let limit = isWhole ? PolicyLimits.textBytes : PolicyLimits.affixBytes
        let isBeginning = comparison.value != .postfix && comparison.value != .notPostfix
        for (index, value) in values.enumerated() {
            if value.value.utf8.count > limit || value.value.utf8.contains(0) {
                fields.error("values[\(index)]", value.place, "a path has at most \(limit) bytes here, and no NUL")
            } else if isBeginning, !value.value.hasPrefix("/") {
                fields.warning(
                    "values[\(index)]",
                    value.place,
                    "'\(VisibleText.of(value.value))' does not begin with /: programs are known by their absolute paths"
                )
            }
        }
        self.init(
            place: node.place,
            operator: comparison.value,
            values: values,
            followsChildren: follows?.value ?? false
        )
    }
}

extension NamespaceFilter {
    init?(_ node: YAMLNode, _ path: String, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a filter with namespace, operator and values") else {
            return nil
        }
        let names = NamespaceKind.allCases.map(\.rawValue)
        let kind = fields.choice("namespace", names, required: "allowed are \(names.joined(separator: ", "))") {
            NamespaceKind(rawValue: $0)
        }
        let comparison = fields.setOperator()
        let values = fields.read(fields.values(), { _ in "host_ns or the number of a namespace's inode" }) {
            text -> Value? in
            text == "host_ns" ? .host : PlainNumber.decimal(text).flatMap { UInt32(exactly: $0) }.map { .inode($0) }
        }
        fields.finish()
        guard let kind, let comparison else { return nil }
        self.init(place: node.place, kind: kind.value, operator: comparison, values: values)
    }
}

extension NamespaceChangeFilter {
    init?(_ node: YAMLNode, _ path: String, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a filter with operator and values") else { return nil }
        let comparison = fields.setOperator()
        let names = NamespaceKind.allCases.map(\.rawValue)
        let values = fields.read(
            fields.values(),
            { text in
                "a kind of namespace; \(reading.suggestion(text, among: names, else: "allowed are \(names.joined(separator: ", "))"))"
            }
        ) { NamespaceKind(rawValue: $0) }
        fields.finish()
        guard let comparison else { return nil }
        self.init(place: node.place, operator: comparison, values: values)
    }
}

extension CapabilityFilter {
    init?(_ node: YAMLNode, _ path: String, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a filter with operator and values") else { return nil }
        let set = fields.choice("type", Set.allCases.map(\.rawValue)) { Set(rawValue: $0) }
        let comparison = fields.setOperator()
        let isNamespaced = fields.boolean("isNamespaceCapability")
        let numbers = fields.read(
            fields.values(),
            { text in
                Capability.nearest(text).map { "a capability; did you mean \($0)?" }
                    ?? "a capability, such as CAP_SYS_ADMIN"
            }
        ) { Capability.number($0) }
        fields.finish()
        guard let comparison else { return nil }
        self.init(
            place: node.place,
            set: set?.value ?? .effective,
            operator: comparison,
            mask: numbers.reduce(0) { $0 | 1 << UInt64($1) },
            isNamespaced: isNamespaced
        )
    }
}

extension WorkloadFilter {
    init?(_ node: YAMLNode, _ path: String, _ reading: PolicyReading) {
        let expected = "podSelector, containerSelector, hostSelector"
        guard var fields = FieldReader(node, path, reading, expected) else { return nil }
        let pods = fields.node("podSelector").flatMap { LabelSelector($0, "\(path).podSelector", nil, reading) }
        let containers = fields.node("containerSelector").flatMap {
            LabelSelector($0, "\(path).containerSelector", LabelSelector.containerKeys, reading)
        }
        let host = fields.node("hostSelector")
        if let host { LabelSelector.checkHost(host, "\(path).hostSelector", reading) }
        fields.finish()
        self.init(place: node.place, pods: pods, containers: containers, includesHost: host != nil)
    }
}
