/// The configuration file as JSON Schema (draft 2020-12).
package enum ConfigurationSchema {
    package static var text: String {
        let keys = ConfigurationKey.all.map { key in
            let summary = YAMLText.jsonQuoted(key.summary)
            // A list of one may go without its brackets.
            let form =
                key.isList
                ? #""anyOf": [\#(key.schema), \#(key.itemSchema)]"# : String(key.schema.dropFirst().dropLast())
            return "    \"\(key.name)\": {\"description\": \(summary), \(form)}"
        }
        return """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "Configuration of martlet",
              "type": "object",
              "additionalProperties": false,
              "properties": {
            \(keys.joined(separator: ",\n"))
              }
            }

            """
    }
}
