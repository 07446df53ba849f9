import Model
import UserInput

/// Reads conditions: a table whose keys are fields, and below each what is asked of it.
struct ConditionReader {
    let kinds: [EventKind]
    let reading: RuleReading

    /// A table of conditions, of which each must hold.
    func all(_ field: RuleField, depth: Int = 0) -> Condition? {
        guard let table = field.table else { return nil }
        guard !table.entries.isEmpty else {
            field.error("the table is empty: say what is asked for")
            return nil
        }
        guard depth < RuleLimits.depth else {
            field.error("more than \(RuleLimits.depth) conditions in each other")
            return nil
        }
        let conditions = table.entries.map { condition($0.key, field.child($0), $0.place, depth: depth) }
        let found = conditions.compactMap { $0 }
        guard found.count == conditions.count else { return nil }
        return found.count == 1 ? found[0] : .all(found)
    }

    private func condition(_ key: String, _ field: RuleField, _ place: InputPlace, depth: Int) -> Condition? {
        switch key {
        case "all": return list(field, depth: depth).map(Condition.all)
        case "any": return list(field, depth: depth).map(Condition.any)
        case "not": return all(field, depth: depth + 1).map(Condition.not)
        default: return named(key, field, place)
        }
    }

    private func list(_ field: RuleField, depth: Int) -> [Condition]? {
        guard case .array = field.node.value else {
            field.error("\(field.node.type) stands here, a list of tables is expected")
            return nil
        }
        let conditions = field.list?.map { all($0, depth: depth + 1) }
        guard let conditions, !conditions.contains(where: { $0 == nil }) else { return nil }
        return conditions.compactMap { $0 }
    }

    /// A field whose name is complete, or begins so.
    private func named(_ name: String, _ field: RuleField, _ place: InputPlace) -> Condition? {
        if let (subject, form) = subject(name) {
            guard case .table(let table) = field.node.value else {
                return TestReader(subject: subject, form: form, reading: reading).test("exact", field)
            }
            let conditions = table.entries.map { entry -> Condition? in
                let child = field.child(entry)
                let isLonger = names.contains { $0 == "\(name).\(entry.key)" || $0.hasPrefix("\(name).\(entry.key).") }
                if isLonger { return named("\(name).\(entry.key)", child, entry.place) }
                return TestReader(subject: subject, form: form, reading: reading).test(entry.key, child, entry.place)
            }
            guard !conditions.isEmpty, !conditions.contains(where: { $0 == nil }) else {
                if conditions.isEmpty { field.error("the table is empty: say what is asked of \(name)") }
                return nil
            }
            return conditions.count == 1 ? conditions[0] : .all(conditions.compactMap { $0 })
        }
        if case .table(let table) = field.node.value, names.contains(where: { $0.hasPrefix("\(name).") }) {
            let conditions = table.entries.map { named("\(name).\($0.key)", field.child($0), $0.place) }
            guard !conditions.isEmpty, !conditions.contains(where: { $0 == nil }) else {
                if conditions.isEmpty { field.error("the table is empty: say which field is meant") }
                return nil
            }
            return conditions.count == 1 ? conditions[0] : .all(conditions.compactMap { $0 })
        }
        refuse(name, field, place)
        return nil
    }

    private func refuse(_ name: String, _ field: RuleField, _ place: InputPlace) {
        let others = EventKind.allCases.filter { EventField.named(name, of: $0) != nil }
        if !others.isEmpty {
            let missing = kinds.filter { EventField.named(name, of: $0) == nil }
            let has = others.map { "\($0.name)" }.joined(separator: ", ")
            if let kind = missing.first {
                return reading.error(
                    place,
                    field.path,
                    "events of \(kind.name) have no field '\(name)'; those of \(has) have"
                )
            }
            return reading.error(place, field.path, "nothing can be asked of '\(name)'")
        }
        reading.unknown(name, place, field.path, "field", among: names)
    }

    /// All names that can stand here.
    private var names: [String] { reading.names(of: kinds, Self.makeNames) }

    private static func makeNames(_ kinds: [EventKind]) -> [String] {
        guard let first = kinds.first else { return [] }
        let own = EventField.all(of: first).filter { field in
            FieldForm(field.field) != nil && kinds.allSatisfy { EventField.named(field.name, of: $0) != nil }
        }
        return own.map(\.name) + Fields.process.filter { FieldForm($0) != nil }.map { "ancestor.\($0.name)" }
            + ["container", "image", "pod", "runtime", "unit"]
    }

    private func subject(_ name: String) -> (Subject, FieldForm?)? {
        switch name {
        case "container": return (.container, nil)
        case "pod": return (.pod, nil)
        case "unit": return (.unit, nil)
        case "runtime": return (.runtime, nil)
        case "image": return (.field("process.container.image"), .text)
        default: break
        }
        if name.hasPrefix("ancestor.") {
            let rest = String(name.dropFirst("ancestor.".count))
            guard let field = Fields.process.first(where: { $0.name == rest }), let form = FieldForm(field) else {
                return nil
            }
            return (.ancestor(rest), form)
        }
        let fields = kinds.map { EventField.named(name, of: $0) }
        guard let first = fields.first ?? nil, !fields.contains(where: { $0 == nil }), let form = FieldForm(first.field)
        else { return nil }
        return (.field(name), form)
    }
}
