import UserInput

/// A part of a YAML document and where it was written; aliases have become what they stand for.
struct YAMLNode {
    /// What it is.
    indirect enum Content {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLPair])
    }

    let place: InputPlace
    let content: Content
    /// How many nodes it is, those of aliases counted each time.
    let weight: Int
    /// How many levels it has.
    let depth: Int

    init(_ scalar: YAMLScalar, _ place: InputPlace) {
        self.place = place
        content = .scalar(scalar)
        (weight, depth) = (1, 1)
    }

    init(_ elements: [YAMLNode], _ place: InputPlace) {
        self.place = place
        content = .sequence(elements)
        (weight, depth) = Self.measures(elements)
    }

    init(_ pairs: [YAMLPair], _ place: InputPlace) {
        self.place = place
        content = .mapping(pairs)
        (weight, depth) = Self.measures(pairs.lazy.map(\.value))
    }

    private static func measures(_ nodes: some Sequence<YAMLNode>) -> (Int, Int) {
        var (weight, depth) = (1, 0)
        for node in nodes {
            // Never beyond what can be added once more: an alias of aliases doubles with each level.
            weight = min(weight + node.weight, 1 << 60)
            depth = max(depth, node.depth)
        }
        return (weight, depth + 1)
    }

    var isNull: Bool {
        if case .scalar(let scalar) = content { return scalar.meaning == .null }
        return false
    }

    /// For errors.
    var kind: String {
        switch content {
        case .scalar(let scalar): scalar.kind
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// A key of a mapping and its value.
struct YAMLPair {
    let key: String
    let keyPlace: InputPlace
    let value: YAMLNode
    /// Where the same key stands once more.
    var again: InputPlace?
}
