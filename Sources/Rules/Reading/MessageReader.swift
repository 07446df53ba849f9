import Model
import UserInput

/// Reads the template of a message: text with fields in braces; two braces stand for one.
enum MessageReader {
    static func read(_ field: RuleField, kinds: [EventKind]) -> [MatchedRule.Piece]? {
        guard let text = field.string else { return nil }
        var pieces: [MatchedRule.Piece] = []
        var run = ""
        var rest = text[...]
        while let letter = rest.first {
            rest = rest.dropFirst()
            if letter == "{" || letter == "}", rest.first == letter {
                run.append(letter)
                rest = rest.dropFirst()
            } else if letter == "}" {
                field.error("there is a } without its {; write }} for a brace")
                return nil
            } else if letter == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    field.error("there is a { without its }; write {{ for a brace")
                    return nil
                }
                let name = String(rest[..<end])
                guard let found = self.field(name, field, kinds) else { return nil }
                if !run.isEmpty { pieces.append(.text(run)) }
                run = ""
                pieces.append(.field(found))
                rest = rest[rest.index(after: end)...]
            } else {
                run.append(letter)
            }
        }
        if !run.isEmpty { pieces.append(.text(run)) }
        return pieces
    }

    private static func field(_ name: String, _ field: RuleField, _ kinds: [EventKind]) -> EventField? {
        let found = kinds.compactMap { EventField.named(name, of: $0) }
        guard let first = found.first, found.count == kinds.count, kinds.count == 1 || first.owner != .event else {
            if found.count == kinds.count, found.count > 1 {
                field.error("{\(name)} is another field for each of the tracers: write a rule for each")
                return nil
            }
            let names = kinds.first.map { EventField.all(of: $0).map(\.name) } ?? []
            field.reading.unknown(name, field.node.place, field.path, "field", among: names)
            return nil
        }
        return first
    }
}
