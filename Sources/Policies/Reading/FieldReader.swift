import UserInput

/// Reads the fields of one mapping: what nobody has asked for at the end is unknown.
struct FieldReader {
    let reading: PolicyReading
    let place: InputPlace
    let path: String
    private let pairs: [YAMLPair]
    private var known: [String] = []

    /// Nil, with a problem, where there is no mapping.
    init?(_ node: YAMLNode, _ path: String, _ reading: PolicyReading, _ expected: String) {
        guard case .mapping(let pairs) = node.content else {
            reading.error(node.place, path, "expected \(expected), not \(node.kind)")
            return nil
        }
        self.pairs = pairs
        self.path = path
        self.reading = reading
        place = node.place
        for pair in pairs {
            guard let again = pair.again else { continue }
            reading.error(
                pair.keyPlace,
                Self.joined(path, pair.key),
                "stands here and at \(again.line):\(again.column); keep one"
            )
        }
    }

    func path(of name: String) -> String { Self.joined(path, name) }

    private static func joined(_ path: String, _ name: String) -> String {
        let name = VisibleText.of(name)
        return path.isEmpty ? name : "\(path).\(name)"
    }

    func error(_ name: String, _ place: InputPlace, _ what: String) { reading.error(place, path(of: name), what) }

    func warning(_ name: String, _ place: InputPlace, _ what: String) { reading.warning(place, path(of: name), what) }

    /// The value of a field; one without a value is as good as none, as Kubernetes has it.
    mutating func node(_ name: String) -> YAMLNode? {
        known.append(name)
        guard let node = pairs.last(where: { $0.key == name })?.value, !node.isNull else { return nil }
        return node
    }

    /// The value of a field that must be there.
    mutating func required(_ name: String, _ what: String) -> YAMLNode? {
        if let node = node(name) { return node }
        // A mapping that was not understood has said so already.
        reading.error(place, path, "has no field '\(name)': \(what)")
        return nil
    }

    /// Fields that are accepted and that nothing is done for; without a reason nothing is told either.
    mutating func withoutEffect(_ names: [String], _ why: String?) {
        known += names
        guard let why else { return }
        for pair in pairs where names.contains(pair.key) && !pair.value.isNull { warning(pair.key, pair.keyPlace, why) }
    }

    /// Whether there is something, right or wrong.
    func isGiven(_ name: String) -> Bool { pairs.contains { $0.key == name && !$0.value.isNull } }

    /// Tells what nobody has asked for.
    func finish() {
        for pair in pairs where !known.contains(pair.key) {
            let allowed = "allowed are \(known.sorted().joined(separator: ", "))"
            let remedy = reading.suggestion(pair.key, among: known, else: allowed)
            reading.error(pair.keyPlace, path(of: pair.key), "there is no such field; \(remedy)")
        }
    }

    /// A text; numbers and booleans must be in quotes, since others would not read them as texts.
    mutating func text(_ name: String, required what: String? = nil) -> Placed<String>? {
        let node = what.map { required(name, $0) } ?? self.node(name)
        return node.flatMap { Self.text($0, path(of: name), reading) }
    }

    static func text(_ node: YAMLNode, _ path: String, _ reading: PolicyReading) -> Placed<String>? {
        guard case .scalar(let scalar) = node.content else {
            reading.error(node.place, path, "expected a text, not \(node.kind)")
            return nil
        }
        switch scalar.meaning {
        case .text: return Placed(scalar.text, node.place)
        case .ambiguous:
            reading.error(
                node.place,
                path,
                "'\(VisibleText.of(scalar.text))' is no text to all readers of YAML: put it in quotes"
            )
        case .null: reading.error(node.place, path, "expected a text, not nothing")
        case .boolean, .integer, .number:
            reading.error(node.place, path, "expected a text, not \(scalar.kind): put it in quotes")
        }
        return nil
    }

    mutating func boolean(_ name: String, default standard: Bool = false) -> Bool {
        placedBoolean(name)?.value ?? standard
    }

    mutating func placedBoolean(_ name: String) -> Placed<Bool>? {
        guard let node = node(name) else { return nil }
        if case .scalar(let scalar) = node.content, case .boolean(let value) = scalar.meaning {
            return Placed(value, node.place)
        }
        error(name, node.place, "expected true or false, not \(node.kind)")
        return nil
    }

    mutating func integer(
        _ name: String,
        _ range: ClosedRange<Int128>,
        required what: String? = nil
    ) -> Placed<Int128>? {
        let node = what.map { required(name, $0) } ?? self.node(name)
        return node.flatMap { Self.integer($0, range, path(of: name), reading) }
    }

    static func integer(
        _ node: YAMLNode,
        _ range: ClosedRange<Int128>,
        _ path: String,
        _ reading: PolicyReading
    ) -> Placed<Int128>? {
        guard case .scalar(let scalar) = node.content, case .integer(let value) = scalar.meaning,
            range.contains(value)
        else {
            let expected = "expected a number from \(range.lowerBound) to \(range.upperBound)"
            reading.error(node.place, path, "\(expected), not \(node.kind)")
            return nil
        }
        return Placed(value, node.place)
    }

    /// A text that is one of some names.
    mutating func choice<Value>(
        _ name: String,
        _ names: [String],
        required what: String? = nil,
        _ read: (String) -> Value?
    ) -> Placed<Value>? {
        guard let text = text(name, required: what) else { return nil }
        if let value = read(text.value) { return Placed(value, text.place) }
        let allowed = "allowed are \(names.filter { !$0.isEmpty }.joined(separator: ", "))"
        let remedy = reading.suggestion(text.value, among: names.filter { !$0.isEmpty }, else: allowed)
        error(name, text.place, "'\(VisibleText.of(text.value))' is unknown; \(remedy)")
        return nil
    }

    /// The elements of a list, each with its path; what is too many is not read.
    mutating func list(_ name: String, upTo limit: Int, of what: String) -> [(node: YAMLNode, path: String)] {
        guard let node = node(name) else { return [] }
        guard case .sequence(let elements) = node.content else {
            error(name, node.place, "expected a list of \(what), not \(node.kind)")
            return []
        }
        if elements.count > limit {
            error(name, elements[limit].place, "has \(elements.count) \(what); at most \(limit) are allowed")
        }
        return elements.prefix(limit).enumerated().map { ($1, "\(path(of: name))[\($0)]") }
    }

    /// A list of texts.
    mutating func texts(_ name: String, upTo limit: Int, of what: String = "texts") -> [Placed<String>] {
        list(name, upTo: limit, of: what).compactMap { Self.text($0.node, $0.path, reading) }
    }

    /// A mapping of texts.
    mutating func dictionary(_ name: String) -> [(key: Placed<String>, value: Placed<String>)] {
        guard let node = node(name) else { return [] }
        guard let inner = FieldReader(node, path(of: name), reading, "a mapping of texts") else { return [] }
        return inner.pairs.compactMap { pair in
            Self.text(pair.value, inner.path(of: pair.key), reading).map { (Placed(pair.key, pair.keyPlace), $0) }
        }
    }

    /// A mapping of anything.
    mutating func entries(_ name: String, of what: String) -> [YAMLPair] {
        guard let node = node(name) else { return [] }
        return FieldReader(node, path(of: name), reading, "a mapping of \(what)")?.pairs ?? []
    }
}
