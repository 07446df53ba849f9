import UserInput

extension FunctionList {
    init?(_ node: YAMLNode, _ path: String, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a list with its name") else { return nil }
        let name = fields.text("name", required: "hooks call the list by it")
        let kind =
            fields.choice("type", Kind.allCases.map(\.rawValue)) { Kind(rawValue: $0) }?.value ?? .functions
        let values = fields.texts("values", upTo: PolicyLimits.listValues, of: "functions")
        let pattern = fields.text("pattern")
        fields.withoutEffect(["validated"], "is for the inside of other agents; it has no effect")
        fields.finish()
        for (index, value) in values.enumerated() where !Callee.isFunction(value.value) {
            reading.error(
                value.place,
                "\(path).values[\(index)]",
                "'\(VisibleText.of(value.value))' is no name of a function"
            )
        }
        switch kind {
        case .functions, .systemCalls:
            if values.isEmpty { reading.error(node.place, path, "has no values: name at least one function") }
            if let pattern {
                fields.warning("pattern", pattern.place, "is for type generated_ftrace; it has no effect")
            }
        case .allSystemCalls, .traceable:
            if let value = values.first {
                fields.warning("values", value.place, "type \(kind.rawValue) finds them itself; they have no effect")
            }
            if kind == .traceable, pattern == nil {
                reading.error(node.place, path, "has no field 'pattern': it says which functions, such as tcp_*")
            }
        }
        guard let name else { return nil }
        self.init(place: node.place, name: name, kind: kind, values: values, pattern: pattern)
    }
}

extension Enforcer {
    init?(_ node: YAMLNode, _ path: String, _ context: SpecContext) {
        let reading = context.reading
        guard var fields = FieldReader(node, path, reading, "an enforcer with its calls") else { return nil }
        let texts = fields.texts("calls", upTo: PolicyLimits.listValues, of: "functions")
        fields.finish()
        if texts.isEmpty { reading.error(node.place, path, "has no calls: name functions, or list:NAME") }
        let calls = texts.enumerated().compactMap { index, text in
            context.callee(text, "\(path).calls[\(index)]").map { Placed($0, text.place) }
        }
        self.init(place: node.place, calls: calls)
    }
}

extension PolicyOptions {
    private static let names = [
        "disable-kprobe-multi", "disable-uprobe-multi", "override-method", "policy-mode", "sleepable-preload-size",
    ]

    init(_ nodes: [(node: YAMLNode, path: String)], _ reading: PolicyReading) {
        var seen: [String: InputPlace] = [:]
        for (node, path) in nodes {
            guard var fields = FieldReader(node, path, reading, "an option with name and value") else { continue }
            let name = fields.text("name", required: "allowed are \(Self.names.joined(separator: ", "))")
            let value = fields.text("value", required: "it is a text, in quotes")
            fields.finish()
            guard let name, let value else { continue }
            if let other = seen[name.value] {
                reading.error(
                    name.place,
                    "\(path).name",
                    "'\(VisibleText.of(name.value))' is set already, at \(other.line):\(other.column)"
                )
            }
            seen[name.value] = name.place
            guard Self.names.contains(name.value) else {
                let allowed = "there are \(Self.names.joined(separator: ", "))"
                let remedy = reading.suggestion(name.value, among: Self.names, else: allowed)
                reading.warning(
                    name.place,
                    "\(path).name",
                    "there is no option '\(VisibleText.of(name.value))', it has no effect; \(remedy)"
                )
                continue
            }
            if let allowed = take(name.value, value.value) {
                reading.error(value.place, "\(path).value", "'\(VisibleText.of(value.value))' is not \(allowed)")
            }
        }
    }

    /// What is allowed, where the value is not.
    private mutating func take(_ name: String, _ text: String) -> String? {
        func boolean() -> Bool? {
            switch text.lowercased() {
            case "true", "t", "1": true
            case "false", "f", "0": false
            default: nil
            }
        }
        switch name {
        case "disable-kprobe-multi", "disable-uprobe-multi":
            guard let value = boolean() else { return "true or false" }
            if name == "disable-kprobe-multi" {
                disablesMultipleKprobes = value
            } else {
                disablesMultipleUprobes = value
            }
        case "override-method":
            guard let method = OverrideMethod(rawValue: text) else { return "fmod-ret or override-return" }
            overrideMethod = method
        case "policy-mode":
            guard let mode = Mode(rawValue: text) else { return "enforce or monitor" }
            self.mode = mode
        default:
            guard let size = PlainNumber.decimal(text), size <= 1 << 20 else { return "a number from 0 to 1048576" }
            preloadSize = Int(size)
        }
        return nil
    }
}
