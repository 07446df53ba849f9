import Yams

/// Reads settings from YAML: a mapping of keys to values, or lists of values.
enum YAMLSettings {
    static func read(
        _ text: String,
        from path: String,
        _ problems: inout [ConfigurationProblem]
    ) -> [ConfigurationSetting] {
        var documents: [Node] = []
        do {
            var parser = try Yams.compose_all(yaml: text)
            while let document = parser.next() { documents.append(document) }
            // It ends where it goes wrong, and says so only when it is asked.
            if let error = parser.error { throw error }
        } catch {
            problems.append(problem(error, path))
            return []
        }
        if documents.count > 1 {
            problems.append(
                ConfigurationProblem(place(documents[1], path), "only one document is read: take out the line ---")
            )
        }
        // Nothing but comments.
        guard let root = documents.first, root.null == nil || root.mapping != nil else { return [] }
        guard let mapping = root.mapping else {
            problems.append(ConfigurationProblem(place(root, path), "expected lines of KEY: VALUE"))
            return []
        }
        return mapping.compactMap { setting($0.key, $0.value, path, &problems) }
    }

    private static func setting(
        _ name: Node,
        _ value: Node,
        _ path: String,
        _ problems: inout [ConfigurationProblem]
    ) -> ConfigurationSetting? {
        let at = place(name, path)
        guard let name = name.scalar?.string else {
            problems.append(ConfigurationProblem(at, "a key must be a plain text"))
            return nil
        }
        guard let key = ConfigurationSetting.key(name, at: at, &problems) else { return nil }
        func refuse(_ node: Node, _ what: String) -> ConfigurationSetting? {
            problems.append(ConfigurationProblem(place(node, path), "\(name): \(what)"))
            return nil
        }
        switch value {
        case .scalar(let scalar):
            if value.null != nil { return refuse(value, "has no value; expected \(key.told)") }
            // A list of one may go without its brackets.
            return ConfigurationSetting(
                key: key,
                texts: [.init(text: scalar.string, place: place(value, path))],
                place: at
            )
        case .sequence(let sequence):
            guard key.isList else { return refuse(value, "takes one value, \(key.told), and no list") }
            var texts: [ConfigurationSetting.Text] = []
            for element in sequence {
                guard let scalar = element.scalar, element.null == nil else {
                    return refuse(element, "each of the list must be \(key.told)")
                }
                texts.append(.init(text: scalar.string, place: place(element, path)))
            }
            return ConfigurationSetting(key: key, texts: texts, place: at)
        case .mapping, .alias:
            return refuse(value, "expected \(key.told), and no mapping")
        }
    }

    private static func place(_ node: Node, _ path: String) -> ConfigurationPlace {
        ConfigurationPlace(path, line: node.mark?.line, column: node.mark?.column)
    }

    private static func problem(_ error: any Error, _ path: String) -> ConfigurationProblem {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
            .composer(_, let problem, let mark, _)?:
            return ConfigurationProblem(
                ConfigurationPlace(path, line: mark.line, column: mark.column),
                "no YAML: \(problem)"
            )
        case .duplicatedKeysInMapping(let names, let context)?:
            return ConfigurationProblem(
                ConfigurationPlace(path, line: context.mark.line, column: context.mark.column),
                "\(names.first ?? "a key"): is there more than once, here for the first time; keep one"
            )
        default: return ConfigurationProblem(ConfigurationPlace(path), "no YAML: \(error)")
        }
    }
}
