import Formats
import Model
import UserInput

/// Reads one rule: bpfd's keys, ours, or both.
struct RuleReader {
    let reading: RuleReading
    /// The name of a rule that has none.
    let defaultName: String?

    /// bpfd's, which it takes in any case.
    private static let bpfdKeys = ["name", "tracer", "actions", "containerRuntimes", "filterEvents"]
    private static let ownKeys = ["where", "severity", "tags", "message", "rateLimit"]
    static let keys = bpfdKeys + ownKeys

    func rule(_ field: RuleField) -> Rule? {
        guard let table = field.table else { return nil }
        let before = reading.errors
        var fields: [String: RuleField] = [:]
        for entry in table.entries { note(entry, field.child(entry), in: &fields) }
        if let filters = fields["filterEvents"] { noteStrayed(filters, in: &fields) }
        guard let tracers = tracers(fields, field) else { return nil }
        var bpfd = BPFDFilters(tracers: tracers, reading: reading)
        var conditions: [Condition] = []
        if let filters = fields["filterEvents"], let condition = bpfd.read(filters) { conditions.append(condition) }
        var runtimes: [String] = []
        if let found = fields["containerRuntimes"].flatMap(bpfd.runtimes) {
            runtimes = found.names
            conditions.append(found.condition)
        }
        let kinds = tracers.flatMap(\.kinds)
        if let asked = fields["where"], let condition = ConditionReader(kinds: kinds, reading: reading).all(asked) {
            conditions.append(condition)
        }
        let name = fields["name"].map { $0.string } ?? defaultName
        if fields["name"] == nil, defaultName == nil { field.error("name is missing") }
        if name?.isEmpty == true { fields["name"]?.error("a rule needs a name") }
        let matched = MatchedRule(
            name: name ?? "",
            severity: fields["severity"].flatMap(severity),
            tags: fields["tags"].flatMap(texts) ?? [],
            message: fields["message"].flatMap { MessageReader.read($0, kinds: kinds) } ?? []
        )
        let actions = fields["actions"].map(actions) ?? []
        let limit = fields["rateLimit"].flatMap { rateLimit($0, kinds) }
        guard reading.errors == before, let name else { return nil }
        return Rule(
            name: name,
            place: field.node.place,
            tracers: tracers,
            condition: conditions.count == 1 ? conditions[0] : .all(conditions),
            matched: matched,
            rateLimit: limit,
            actions: actions,
            filters: bpfd.filters,
            runtimes: runtimes,
            text: Self.text(table, name)
        )
    }

    /// Keys of the rule that were written behind `[filterEvents.KEY]`, where TOML takes them for the filter's.
    private func noteStrayed(_ filters: RuleField, in fields: inout [String: RuleField]) {
        guard case .table(let table) = filters.node.value else { return }
        for filter in table.entries {
            guard case .table(let inner) = filter.node.value else { continue }
            for entry in inner.entries where BPFDFilters.straying.contains(entry.key.lowercased()) {
                let field = filters.child(filter).child(entry)
                reading.warn(
                    entry.place,
                    field.path,
                    "stands behind [\(filters.child(filter).path)], so that TOML takes it for the filter's, and bpfd ignores it; here it is taken for the rule's: move it up, in front of the tables"
                )
                note(entry, field, in: &fields)
            }
        }
    }

    private static func text(_ table: TOMLTable, _ name: String) -> String {
        let place = InputPlace(file: "", line: 1, column: 1)
        let entry = TOMLTable.Entry(key: "name", place: place, node: TOMLNode(value: .string(name), place: place))
        return TOMLWriter.text(TOMLTable(entries: [entry] + table.entries.filter { $0.key.lowercased() != "name" }))
    }

    private func note(_ entry: TOMLTable.Entry, _ field: RuleField, in fields: inout [String: RuleField]) {
        let isBPFD = Self.bpfdKeys.first { $0.lowercased() == entry.key.lowercased() }
        guard let key = isBPFD ?? Self.ownKeys.first(where: { $0 == entry.key }) else {
            return reading.unknown(entry.key, entry.place, field.path, "key of a rule", among: Self.keys)
        }
        guard fields.updateValue(field, forKey: key) == nil else {
            return reading.error(entry.place, field.path, "\(key) is there already")
        }
    }

    /// In a rule with one of bpfd's own keys, or without any that bpfd's could not have, tracers see what bpfd's see.
    private func tracers(_ fields: [String: RuleField], _ rule: RuleField) -> [Tracer]? {
        guard let field = fields["tracer"] else {
            rule.error("tracer is missing: which events are looked at, such as \"exec\" or \"open\"")
            return nil
        }
        guard let values = field.strings else { return nil }
        let isBPFD = fields["filterEvents"] != nil || fields["containerRuntimes"] != nil
        let isOurs = !isBPFD && Self.ownKeys.contains { fields[$0] != nil }
        var tracers: [Tracer] = []
        for (name, place) in values {
            guard let tracer = Tracer.named(name) else {
                reading.unknown(name, place, field.path, "tracer", among: Tracer.all.map(\.name))
                return nil
            }
            guard !tracers.contains(where: { $0.name == name }) else {
                reading.error(place, field.path, "'\(name)' stands there twice")
                return nil
            }
            tracers.append(isOurs ? tracer : BPFDTracer(name: name).map { Tracer(bpfd: $0) } ?? tracer)
        }
        return tracers
    }

    /// Any number of texts, none as well.
    private func texts(_ field: RuleField) -> [String]? {
        if case .array(let nodes) = field.node.value, nodes.isEmpty { return [] }
        return field.strings?.map(\.text)
    }

    private func severity(_ field: RuleField) -> MatchedRule.Severity? {
        guard let text = field.string else { return nil }
        guard let severity = MatchedRule.Severity(rawValue: text) else {
            let all = MatchedRule.Severity.allCases.map(\.rawValue)
            reading.unknown(text, field.node.place, field.path, "severity", among: all)
            return nil
        }
        return severity
    }

    private func actions(_ field: RuleField) -> [Rule.Action] {
        if case .array(let nodes) = field.node.value, nodes.isEmpty { return [] }
        return (field.strings ?? []).compactMap { text, place in
            guard let action = Rule.Action(rawValue: text) else {
                let all = Rule.Action.allCases.map(\.rawValue)
                reading.unknown(text, place, field.path, "action", among: all)
                return nil
            }
            if action != .stdout {
                let what = "'\(text)' is not done yet: events that match are told, and nothing happens to the process"
                reading.warn(place, field.path, what)
            }
            return action
        }
    }

    // MARK: - Rate limits

    private static let limitKeys = ["events", "per", "by"]

    private func rateLimit(_ field: RuleField, _ kinds: [EventKind]) -> Rule.RateLimit? {
        guard let table = field.table else { return nil }
        for entry in table.entries where !Self.limitKeys.contains(entry.key) {
            reading.unknown(entry.key, entry.place, field.child(entry).path, "key of a limit", among: Self.limitKeys)
            return nil
        }
        func child(_ key: String) -> RuleField? { table.entries.first { $0.key == key }.map(field.child) }
        guard let events = child("events"), let per = child("per") else {
            field.error(
                "a limit is { events = 10, per = \"1m\" }, and by = [\"process.binary\"] where each program has its own"
            )
            return nil
        }
        guard let number = events.integer else { return nil }
        guard number > 0 else {
            events.error("at least 1 event is told; to tell none, remove the rule")
            return nil
        }
        guard let text = per.string else { return nil }
        guard let window = Self.duration(text) else {
            per.error("'\(text)' is no duration: a number and ms, s, m or h, such as 500ms or 1m")
            return nil
        }
        var by: [String] = []
        for (name, place) in child("by")?.strings ?? [] {
            guard kinds.allSatisfy({ EventField.named(name, of: $0).flatMap { FieldForm($0.field) } != nil }) else {
                let names = kinds.first.map { EventField.all(of: $0).map(\.name) } ?? []
                reading.unknown(name, place, "\(field.path).by", "field", among: names)
                return nil
            }
            by.append(name)
        }
        return Rule.RateLimit(events: UInt64(number), window: window, by: by)
    }

    private static func duration(_ text: String) -> UInt64? {
        let units: [(String, UInt64)] = [
            ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = PlainNumber.decimal(text.dropLast(unit.count)), number > 0 else { continue }
            let (result, overflow) = number.multipliedReportingOverflow(by: factor)
            return overflow ? nil : result
        }
        return nil
    }
}
