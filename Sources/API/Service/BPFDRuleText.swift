import BPFDAPI

/// A rule of bpfd's API as the text of a rule file.
enum BPFDRuleText {
    static func toml(_ rule: Grpc_Rule) -> String {
        var text = "name = \(quoted(rule.name))\ntracer = \(quoted(rule.tracer))\n"
        // What stands behind a table belongs to the table.
        if !rule.actions.isEmpty { text += "actions = \(list(rule.actions))\n" }
        if !rule.containerRuntimes.isEmpty { text += "containerRuntimes = \(list(rule.containerRuntimes))\n" }
        for (key, filter) in rule.filterEvents.sorted(by: { $0.key < $1.key }) {
            text += "\n[filterEvents.\(quoted(key))]\nvalues = \(list(filter.values))\n"
        }
        return text
    }

    private static func list(_ texts: [String]) -> String { "[\(texts.map(quoted).joined(separator: ", "))]" }

    /// A basic string (TOML 1.0, "String"): whatever is in a text, it cannot end it.
    static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                "\\u" + String(repeating: "0", count: scalar.value < 0x10 ? 3 : 2) + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(scalars.joined())\""
    }
}
