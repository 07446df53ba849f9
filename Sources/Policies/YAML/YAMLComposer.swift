import UserInput
import Yams

/// Reads one document of YAML.
///
/// The parser's own treatment of aliases and of doubled keys is kept out: it would expand the first without a limit where keys
/// hold them, and gives up a document with the second. So both reach it as characters that no policy has: a `*` as one of
/// Unicode's private use, and a key that stands there again with another in its place.
struct YAMLComposer {
    private let file: String
    private let lineOffset: Int
    private var scalars: [Unicode.Scalar]
    /// Where each line of `scalars` begins.
    private var lines: [Int] = [0]
    /// Keys that stand there again, by what they have become.
    private var doubled: [Unicode.Scalar: Unicode.Scalar] = [:]
    private var anchors: [String: YAMLNode] = [:]

    private static let privateUse: ClosedRange<UInt32> = 0xe000...0xf8ff
    private static let star = Unicode.Scalar(0xe000 as UInt32) ?? "*"
    private static let doubledLimit = 50
    private static let doubledScalars = 4 << 20
    private static let tooDeep =
        "has more than \(PolicyLimits.depth) levels of lists and mappings; no policy needs them"

    /// Composes a document; nil when there is nothing in it.
    static func compose(_ text: String, file: String, lineOffset: Int) throws(YAMLFault) -> YAMLNode? {
        var composer = try YAMLComposer(text, file, lineOffset)
        return try composer.compose()
    }

    private init(_ text: String, _ file: String, _ lineOffset: Int) throws(YAMLFault) {
        self.file = file
        self.lineOffset = lineOffset
        scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "\n": lines.append(index + 1)
            // The parser takes these for line breaks, editors do not: places would be wrong.
            case "\u{85}", "\u{2028}", "\u{2029}",
                "\r" where index + 1 < scalars.count && scalars[index + 1] != "\n":
                let code = String(scalar.value, radix: 16, uppercase: true)
                throw YAMLFault(
                    place(ofScalar: index),
                    "the line break U+\(code), which editors do not show: take it out"
                )
            case _ where Self.privateUse.contains(scalar.value):
                throw YAMLFault(place(ofScalar: index), "a character of Unicode's private use: take it out")
            default: break
            }
        }
    }

    private mutating func compose() throws(YAMLFault) -> YAMLNode? {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.lazy.map { $0 == "*" ? Self.star : $0 })
        // Each is another time through the whole text.
        let limit = min(Self.doubledLimit, Self.doubledScalars / max(scalars.count, 1))
        for count in 0...limit {
            do {
                let parser = try Parser(yaml: String(text), resolver: .basic, encoding: .utf8)
                guard let root = try parser.nextRoot() else { return nil }
                let node = try node(root)
                if let next = try parser.nextRoot() {
                    throw fault(next.mark, "another document, without a line --- before it")
                }
                return node.isNull ? nil : node
            } catch let fault as YAMLFault {
                throw fault
            } catch YamlError.duplicatedKeysInMapping(_, let context) where count < limit {
                guard rename(context.mark, 0xe100 + UInt32(count)) else {
                    throw fault(context.mark, "a key that stands here more than once; keep one")
                }
                text = String.UnicodeScalarView()
                text.append(contentsOf: scalars.lazy.map { $0 == "*" ? Self.star : $0 })
            } catch {
                throw fault(error)
            }
        }
        return nil
    }

    /// Gives a key that stands there again another name of the same length, which says so.
    private mutating func rename(_ mark: Mark, _ number: UInt32) -> Bool {
        guard lines.indices.contains(mark.line - 1), let substitute = Unicode.Scalar(number) else { return false }
        var index = lines[mark.line - 1] + mark.column - 1
        guard scalars.indices.contains(index) else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        guard scalars.indices.contains(index), scalars[index].properties.isAlphabetic || scalars[index] == "_",
            scalars[index] != "*"
        else { return false }
        doubled[substitute] = scalars[index]
        scalars[index] = substitute
        return true
    }

    private mutating func node(_ node: Node) throws(YAMLFault) -> YAMLNode {
        let at = place(node.mark)
        let result: YAMLNode
        switch node {
        case .scalar(let scalar):
            let text = restored(scalar.string)
            if scalar.style == .plain, scalar.string.unicodeScalars.first == Self.star {
                guard let anchored = anchors[String(text.dropFirst())] else {
                    throw YAMLFault(at, "there is no anchor '&\(VisibleText.of(String(text.dropFirst())))' before this")
                }
                return anchored
            }
            try check(scalar.tag, at)
            result = YAMLNode(
                YAMLScalar(text, isPlain: scalar.style == .plain && !scalar.tag.description.hasSuffix(":str")),
                at
            )
        case .sequence(let sequence):
            try check(sequence.tag, at)
            var elements: [YAMLNode] = []
            for element in sequence { elements.append(try self.node(element)) }
            result = YAMLNode(elements, at)
        case .mapping(let mapping):
            try check(mapping.tag, at)
            result = YAMLNode(try pairs(mapping), at)
        case .alias:
            throw YAMLFault(at, "an alias that stands for nothing")
        }
        guard result.weight <= PolicyLimits.nodes else {
            throw YAMLFault(
                at,
                "grows to more than \(PolicyLimits.nodes) values, its aliases counted with what they stand for; "
                    + "split the policy"
            )
        }
        guard result.depth <= PolicyLimits.depth else {
            throw YAMLFault(at, Self.tooDeep)
        }
        if let anchor = node.anchor?.rawValue { anchors[restored(anchor)] = result }
        return result
    }

    private mutating func pairs(_ mapping: Node.Mapping) throws(YAMLFault) -> [YAMLPair] {
        var pairs: [YAMLPair] = []
        var isDoubled: [Bool] = []
        var merged: [YAMLPair] = []
        for (key, value) in mapping {
            let keyNode = try node(key)
            let valueNode = try node(value)
            guard case .scalar(let scalar) = keyNode.content else {
                throw YAMLFault(place(key.mark), "a key must be a text, not \(keyNode.kind)")
            }
            if scalar.text == "<<", key.scalar?.style == .plain {
                merged += try Self.merged(valueNode)
                continue
            }
            var text = scalar.text
            let original = text.unicodeScalars.first.flatMap { doubled[$0] }
            if let original { text = String(Character(original)) + String(text.unicodeScalars.dropFirst()) }
            isDoubled.append(original != nil)
            pairs.append(YAMLPair(key: text, keyPlace: place(key.mark), value: valueNode))
        }
        for index in pairs.indices where isDoubled[index] {
            pairs[index].again = pairs[(index + 1)...].first { $0.key == pairs[index].key }?.keyPlace
        }
        var names = Set(pairs.map(\.key))
        // What stands here comes before what is merged, and what is merged first before the rest.
        for pair in merged where names.insert(pair.key).inserted { pairs.append(pair) }
        return pairs
    }

    private static func merged(_ node: YAMLNode) throws(YAMLFault) -> [YAMLPair] {
        switch node.content {
        case .mapping(let pairs): return pairs
        case .sequence(let elements):
            var pairs: [YAMLPair] = []
            for element in elements {
                guard case .mapping(let inner) = element.content else {
                    throw YAMLFault(element.place, "<< takes mappings, not \(element.kind)")
                }
                pairs += inner
            }
            return pairs
        case .scalar: throw YAMLFault(node.place, "<< takes mappings, not \(node.kind)")
        }
    }

    /// Tags make other things of values than they look like; that of texts is harmless.
    private func check(_ tag: Tag, _ at: InputPlace) throws(YAMLFault) {
        let name = tag.description
        guard
            name.isEmpty || name == "!" || ["str", "seq", "map"].contains(where: { name == "tag:yaml.org,2002:" + $0 })
        else { throw YAMLFault(at, "the tag \(VisibleText.of(restored(name))): tags are not read; take it out") }
    }

    private func restored(_ text: String) -> String {
        guard text.unicodeScalars.contains(Self.star) else { return text }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: text.unicodeScalars.lazy.map { $0 == Self.star ? "*" : $0 })
        return String(result)
    }

    private func place(_ mark: Mark?) -> InputPlace {
        guard let mark else { return InputPlace(file: file, line: lineOffset + 1, column: 1) }
        // At the end of a text the parser is on a line that is not there.
        guard mark.line >= 1, mark.line <= lines.count, lines[mark.line - 1] < scalars.count else {
            return place(ofScalar: max(scalars.count - 1, 0))
        }
        return InputPlace(file: file, line: lineOffset + mark.line, column: max(mark.column, 1))
    }

    private func place(ofScalar index: Int) -> InputPlace {
        let line = lines.lastIndex { $0 <= index } ?? 0
        return InputPlace(file: file, line: lineOffset + line + 1, column: index - lines[line] + 1)
    }

    private func fault(_ mark: Mark?, _ what: String) -> YAMLFault { YAMLFault(place(mark), what) }

    private func fault(_ error: any Error) -> YAMLFault {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _)?, .parser(let context, let problem, let mark, _)?,
            .composer(let context, let problem, let mark, _)?:
            // The parser has a limit of its own, far above ours.
            if problem.contains("nesting level") { return fault(mark, Self.tooDeep) }
            let context = context.map { "\($0.text) " } ?? ""
            return fault(mark, "no YAML: \(context)\(problem)")
        case .duplicatedKeysInMapping(let names, let context)?:
            let name = VisibleText.of(restored(names.first ?? ""))
            return fault(context.mark, "the key '\(name)' stands here more than once; keep one")
        case .reader(let problem, let offset, _, _)?:
            // The offset is one in bytes.
            var bytes = 0
            let index = scalars.firstIndex {
                bytes += UTF8.width($0 == "*" ? Self.star : $0)
                return bytes > offset ?? 0
            }
            return YAMLFault(place(ofScalar: index ?? max(scalars.count - 1, 0)), "no YAML: \(problem)")
        default: return fault(nil, "no YAML: \(error)")
        }
    }
}

/// Why a document cannot be read at all.
struct YAMLFault: Error {
    let place: InputPlace
    let what: String

    init(_ place: InputPlace, _ what: String) {
        self.place = place
        self.what = what
    }
}
