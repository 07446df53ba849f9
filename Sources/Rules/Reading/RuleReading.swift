import Model
import UserInput

/// What is found to be wrong while a file is read.
final class RuleReading {
    private(set) var problems: [InputProblem] = []
    /// How many of them are errors.
    private(set) var errors = 0
    private var names: [[EventKind]: [String]] = [:]

    /// The names of fields, made once for each list of kinds.
    func names(of kinds: [EventKind], _ make: ([EventKind]) -> [String]) -> [String] {
        if let known = names[kinds] { return known }
        let made = make(kinds)
        names[kinds] = made
        return made
    }

    func error(_ place: InputPlace, _ path: String, _ what: String) {
        errors += 1
        problems.append(InputProblem(place: place, path: path, what: what, severity: .error))
    }

    func warn(_ place: InputPlace, _ path: String, _ what: String) {
        problems.append(InputProblem(place: place, path: path, what: what, severity: .warning))
    }

    /// A word that is not among those that are allowed.
    func unknown(_ word: String, _ place: InputPlace, _ path: String, _ noun: String, among words: [String]) {
        // To look among all names takes its time, and nobody mends more than these at once.
        let nearest = errors > 100 ? nil : NearestName.of(word, among: words).map { "; did you mean '\($0)'?" }
        let list = words.count <= 24 ? ": \(words.joined(separator: ", "))" : ""
        error(place, path, "no such \(noun) '\(word.prefix(80))'\(nearest ?? list)")
    }
}

/// A value of a document, and how it is read: what is wrong is noted, and nil returned.
struct RuleField {
    let node: TOMLNode
    let path: String
    let reading: RuleReading

    /// Notes what is wrong with it.
    func error(_ what: String) { reading.error(node.place, path, what) }

    var string: String? {
        guard case .string(let text) = node.value else {
            error("\(node.type) stands here, a text in quotes is expected")
            return nil
        }
        return checked(text)
    }

    /// One text, or a list of them; none is an error.
    var strings: [(text: String, place: InputPlace)]? {
        guard let nodes = list else { return nil }
        var texts: [(text: String, place: InputPlace)] = []
        for field in nodes {
            guard let text = field.string else { return nil }
            texts.append((text, field.node.place))
        }
        return texts
    }

    /// The elements of a list, which is not empty; what is no list is one element.
    var list: [RuleField]? {
        guard case .array(let nodes) = node.value else { return [self] }
        guard !nodes.isEmpty else {
            error("the list is empty: nothing would ever match")
            return nil
        }
        return nodes.enumerated().map { RuleField(node: $1, path: "\(path)[\($0)]", reading: reading) }
    }

    var integer: Int64? {
        guard case .integer(let number) = node.value else {
            error("\(node.type) stands here, a number is expected")
            return nil
        }
        return number
    }

    var boolean: Bool? {
        guard case .boolean(let value) = node.value else {
            error("\(node.type) stands here, true or false is expected")
            return nil
        }
        return value
    }

    var table: TOMLTable? {
        guard case .table(let table) = node.value else {
            error("\(node.type) stands here, a table is expected")
            return nil
        }
        return table
    }

    func child(_ entry: TOMLTable.Entry) -> RuleField {
        RuleField(node: entry.node, path: path.isEmpty ? entry.key : "\(path).\(entry.key)", reading: reading)
    }

    private func checked(_ text: String) -> String? {
        guard !text.utf8.contains(0) else {
            error("there is a NUL in the text, which no path, name or argument has")
            return nil
        }
        guard text.utf8.count <= RuleLimits.textBytes else {
            error("the text is longer than \(RuleLimits.textBytes) bytes, as long as a path can be")
            return nil
        }
        return text
    }
}

/// How much there may be.
package enum RuleLimits {
    /// Of a file.
    package static let fileBytes = 4 << 20
    /// In all files together.
    package static let rules = 100_000
    /// Of one text.
    package static let textBytes = 4096
    /// How deep conditions are in each other.
    package static let depth = 32
}
