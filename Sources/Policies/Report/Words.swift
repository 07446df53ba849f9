import Model

/// Parts of sentences.
enum Words {
    /// How many of a list are told.
    private static let told = 8

    static func visible(_ text: String) -> String { VisibleText.of(text) }

    /// `a, b or c`, and how many more there are.
    static func list(_ texts: [String], _ last: String) -> String {
        let shown = texts.prefix(told).map(visible)
        if texts.count > told {
            return "\(shown.joined(separator: ", ")) \(last) \(texts.count - told) more"
        }
        guard let end = shown.last, shown.count > 1 else { return shown.first ?? "" }
        return "\(shown.dropLast().joined(separator: ", ")) \(last) \(end)"
    }

    /// `is a or b`, `is neither a nor b`.
    static func set(_ verb: String, _ texts: [String], isNegative: Bool) -> String {
        guard isNegative else { return "\(verb) \(list(texts, "or"))" }
        return texts.count == 1 ? "\(verb) not \(list(texts, "nor"))" : "\(verb) neither \(list(texts, "nor"))"
    }
}

/// What an argument is.
enum ArgumentWords {
    static func of(_ argument: PolicyArgument, _ name: String) -> String {
        var text = name
        switch argument.source {
        case .currentTask: text += ", of the current task"
        case .registers: text += ", register \(argument.register ?? "")"
        case nil: break
        }
        if let structName = argument.structName { text += " as struct \(structName)" }
        if !argument.steps.isEmpty { text += argument.steps.map(\.description).joined() }
        text += " (\(argument.type.rawValue))"
        if let index = argument.sizeIndex { text += " of the length in argument \(index)" }
        if argument.readsMost { text += ", as much as can be" }
        if argument.isReadAtReturn { text += ", when it returns" }
        if let label = argument.label { text += " as \(Words.visible(label))" }
        return text
    }
}

/// For whom a policy or a selector is.
enum ScopeWords {
    static func of(
        pods: LabelSelector?,
        containers: LabelSelector?,
        includesHost: Bool,
        namespace: String?
    ) -> String {
        let place = namespace.map { " of namespace \($0)" } ?? ""
        if pods == nil, containers == nil, namespace == nil, includesHost { return "processes outside of containers" }
        if pods == nil, containers == nil { return namespace == nil ? "every process" : "every pod\(place)" }
        var parts: [String] = []
        if let containers { parts.append("containers\(conditions(containers))") }
        if let pods { parts.append("pods\(conditions(pods))") }
        let text = parts.joined(separator: " in ") + place
        return includesHost ? "\(text), and processes outside of pods" : text
    }

    private static func conditions(_ selector: LabelSelector) -> String {
        let texts = selector.requirements.map { requirement in
            switch requirement.operator {
            case .isIn: "\(requirement.key) is \(Words.list(requirement.values, "or"))"
            case .isNotIn: "\(requirement.key) is not \(Words.list(requirement.values, "or"))"
            case .exists: "there is a \(requirement.key)"
            case .doesNotExist: "there is no \(requirement.key)"
            }
        }
        return texts.isEmpty ? "" : " where \(texts.joined(separator: " and "))"
    }
}
