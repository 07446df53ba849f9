import Model
import UserInput

/// Reads what is asked of one field.
struct TestReader {
    let subject: Subject
    /// Nil: it is a place, which has patterns of its own.
    let form: FieldForm?
    let reading: RuleReading

    private static let texts = ["exact", "in", "prefix", "suffix", "contains", "glob", "regex"]
    private static let numbers = ["exact", "in", "range", "lt", "le", "gt", "ge"]

    private var operators: [String] {
        let own =
            switch form {
            case .text, .texts: Self.texts
            case .number: Self.numbers
            case .boolean: ["exact"]
            case .address: ["exact", "in", "cidr"]
            case nil: ["exact", "in"]
            }
        return own + ["exists", "not"]
    }

    /// - Parameter place: of the operator.
    func test(_ name: String, _ field: RuleField, _ place: InputPlace? = nil) -> Condition? {
        guard operators.contains(name) else {
            let what = form.map { "; \(subject.name) is \($0.name)" } ?? ""
            let nearest = NearestName.of(name, among: operators).map { "; did you mean '\($0)'?" } ?? ""
            let all = operators.joined(separator: ", ")
            reading.error(place ?? field.node.place, field.path, "no such test '\(name)' here\(nearest)\(what): \(all)")
            return nil
        }
        switch name {
        case "not": return negated(field)
        case "exists":
            return field.boolean.map { $0 ? .test(subject, .exists) : .not(.test(subject, .exists)) }
        default: break
        }
        return value(name, field).map { .test(subject, $0) }
    }

    private func value(_ name: String, _ field: RuleField) -> Test? {
        switch form {
        case .text, .texts: text(name, field).map(Test.text)
        case .number: ranges(name, field).map(Test.numbers)
        case .boolean: field.boolean.map(Test.boolean)
        case .address: networks(name, field).map(Test.networks)
        case nil: place(field)
        }
    }

    private func negated(_ field: RuleField) -> Condition? {
        guard case .table(let table) = field.node.value else { return test("exact", field).map(Condition.not) }
        let conditions = table.entries.map { test($0.key, field.child($0), $0.place) }
        guard !conditions.isEmpty, !conditions.contains(where: { $0 == nil }) else {
            if conditions.isEmpty { field.error("the table is empty: say what is asked of \(subject.name)") }
            return nil
        }
        return .not(.all(conditions.compactMap { $0 }))
    }

    // MARK: - Texts

    private func text(_ name: String, _ field: RuleField) -> TextTest? {
        guard let values = field.strings else { return nil }
        let texts = values.map(\.text)
        if name != "exact", name != "in", let empty = values.first(where: { $0.text.isEmpty }) {
            reading.error(empty.place, field.path, "an empty text stands in every text: nothing is asked")
            return nil
        }
        switch name {
        case "prefix": return .prefix(texts)
        case "suffix": return .suffix(texts)
        case "contains": return .contains(texts)
        case "glob": return .glob(texts.map(Glob.init))
        case "regex":
            var expressions: [RegularExpression] = []
            for (text, place) in values {
                do throws(RegularExpressionError) {
                    expressions.append(try RegularExpression(text))
                } catch {
                    reading.error(place, field.path, "'\(text.prefix(80))' is no regular expression: \(error)")
                    return nil
                }
            }
            return .regex(expressions)
        default: return .exact(texts)
        }
    }

    // MARK: - Numbers

    private func ranges(_ name: String, _ field: RuleField) -> [ClosedRange<Int64>]? {
        switch name {
        case "range": return pairs(field)
        case "exact", "in":
            guard let fields = field.list else { return nil }
            let numbers = fields.map(\.integer)
            guard !numbers.contains(where: { $0 == nil }) else { return nil }
            return numbers.compactMap { $0.map { $0...$0 } }
        default: break
        }
        guard let number = field.integer else { return nil }
        switch name {
        case "lt" where number > .min: return [Int64.min...number - 1]
        case "le": return [Int64.min...number]
        case "gt" where number < .max: return [number + 1...Int64.max]
        case "ge": return [number...Int64.max]
        default:
            field.error("no number is \(name == "lt" ? "less" : "greater") than that")
            return nil
        }
    }

    /// `[1, 1023]`, or a list of such.
    private func pairs(_ field: RuleField) -> [ClosedRange<Int64>]? {
        guard let list = field.list, case .array = field.node.value else {
            field.error("\(field.node.type) stands here; a range is two numbers: [1, 1023]")
            return nil
        }
        if case .array = list[0].node.value {
            let ranges = list.map(pair)
            return ranges.contains { $0 == nil } ? nil : ranges.compactMap { $0 }
        }
        return pair(field).map { [$0] }
    }

    private func pair(_ field: RuleField) -> ClosedRange<Int64>? {
        guard let list = field.list, list.count == 2, case .array = field.node.value else {
            field.error("a range is two numbers: [1, 1023]")
            return nil
        }
        guard let low = list[0].integer, let high = list[1].integer else { return nil }
        guard low <= high else {
            field.error("\(low) is greater than \(high): the smaller number stands first")
            return nil
        }
        return low...high
    }

    // MARK: - Addresses and places

    private func networks(_ name: String, _ field: RuleField) -> [AddressPrefix]? {
        guard let values = field.strings else { return nil }
        var networks: [AddressPrefix] = []
        for (text, place) in values {
            guard let network = AddressPrefix(text) else {
                let example =
                    name == "cidr" ? "a network such as 10.0.0.0/8 or fd00::/8" : "an address such as 127.0.0.1 or ::1"
                reading.error(place, field.path, "'\(text.prefix(80))' is not \(example)")
                return nil
            }
            if name != "cidr", text.contains("/") {
                reading.error(place, field.path, "'\(text)' is a network: write \(subject.name).cidr")
                return nil
            }
            networks.append(network)
        }
        return networks
    }

    private func place(_ field: RuleField) -> Test? {
        guard let values = field.strings else { return nil }
        switch subject {
        case .container: return .container(values.map { ContainerPattern($0.text) })
        case .pod: return .pod(values.map { PodPattern($0.text) })
        case .unit: return .unit(values.map { UnitPattern($0.text) })
        default:
            var runtimes: Set<ContainerRuntime> = []
            for (text, place) in values {
                guard let runtime = ContainerRuntime(name: text) else {
                    let names = ContainerRuntime.allCases.map { "\($0.name)" }
                    reading.unknown(text, place, field.path, "container runtime", among: names)
                    return nil
                }
                runtimes.insert(runtime)
            }
            return .runtimes(runtimes)
        }
    }
}
