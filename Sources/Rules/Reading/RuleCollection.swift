import Model
import UserInput

/// Rules of one or more files, and what is wrong with those that are not among them.
package struct RuleCollection: Sendable {
    /// Those that hold, in the order of files and rules.
    package private(set) var set = RuleSet()
    /// What is wrong, and what does something else than it seems, in the same order.
    package private(set) var problems: [InputProblem] = []
    private var names: [String: InputPlace] = [:]
    private var defaults: [EventKind: InputPlace] = [:]

    /// None yet.
    package init() {}

    /// Whether every rule of every file holds.
    package var isRight: Bool { !problems.contains { $0.severity == .error } }

    private static let kind = InputFiles.Kind(ends: [".toml"], limit: RuleLimits.fileBytes)

    /// Reads files, the `*.toml` of folders, and the standard input for `-`.
    package static func read(_ paths: [String]) -> RuleCollection {
        var collection = RuleCollection()
        for path in paths { collection.noteForeign(path) }
        for file in load(paths) {
            switch file.content {
            case .success(let bytes): collection.read(bytes, file: file.name)
            case .failure(let failure): collection.refuse(file.name, failure.reason)
            }
        }
        return collection
    }

    /// The files' bytes, of each at most one more than is allowed.
    package static func load(_ paths: [String]) -> [InputFiles.File] { InputFiles.load(paths, kind) }

    /// The names of a folder's files of rules; nil when it cannot be read.
    package static func names(in folder: String) -> [String]? { InputFiles.names(in: folder, kind) }

    /// What lies in a folder and is no rule is left alone, and not without a word: it may have been meant.
    private mutating func noteForeign(_ path: String) {
        for name in InputFiles.entries(in: path, Self.kind)?.others ?? [] {
            let file = "\(path.hasSuffix("/") ? path : path + "/")\(name)"
            note(
                InputPlace(file: file, line: 1, column: 1),
                "is not read: rules are files whose names end in .toml",
                .warning
            )
        }
    }

    /// Notes a file of which nothing is read.
    package mutating func refuse(_ file: String, _ what: String) {
        note(InputPlace(file: file, line: 1, column: 1), what, .error)
    }

    private mutating func note(_ place: InputPlace, _ what: String, _ severity: InputProblem.Severity) {
        problems.append(InputProblem(place: place, path: "", what: what, severity: severity))
    }

    /// Reads a file's bytes; what is wrong with one of its rules leaves the others alone.
    package mutating func read(_ bytes: [UInt8], file: String) {
        guard bytes.count <= RuleLimits.fileBytes else {
            return refuse(file, "is larger than \(RuleLimits.fileBytes >> 20) MiB: split it")
        }
        do throws(TOMLError) {
            read(try TOMLParser.parse(bytes, file: file), file)
        } catch {
            note(error.place, error.what, .error)
        }
    }

    private mutating func read(_ table: TOMLTable, _ file: String) {
        let reading = RuleReading()
        defer {
            problems += reading.problems.enumerated().sorted {
                ($0.element.place.line, $0.element.place.column, $0.offset)
                    < ($1.element.place.line, $1.element.place.column, $1.offset)
            }.map(\.element)
        }
        let place = InputPlace(file: file, line: 1, column: 1)
        let document = RuleField(node: TOMLNode(value: .table(table), place: place), path: "", reading: reading)
        for entry in table.entries where entry.key == "default" { readDefaults(document.child(entry), reading) }
        let isList = table["rule"] != nil
        let rest = TOMLTable(entries: table.entries.filter { $0.key != "default" && !(isList && $0.key == "rule") })
        if isList {
            for entry in rest.entries {
                reading.unknown(entry.key, entry.place, entry.key, "key beside [[rule]]", among: ["default", "rule"])
            }
            guard let node = table["rule"], case .array(let nodes) = node.value else {
                return reading.error(
                    table["rule"]?.place ?? place,
                    "rule",
                    "rules begin with [[rule]], in two brackets"
                )
            }
            let reader = RuleReader(reading: reading, defaultName: nil)
            for (index, node) in nodes.enumerated() {
                if let rule = reader.rule(RuleField(node: node, path: "rule[\(index)]", reading: reading)) {
                    add(rule, reading)
                }
            }
        } else if !rest.entries.isEmpty {
            let reader = RuleReader(reading: reading, defaultName: Self.name(of: file))
            let node = TOMLNode(value: .table(rest), place: place)
            if let rule = reader.rule(RuleField(node: node, path: "", reading: reading)) { add(rule, reading) }
        } else if table.entries.isEmpty {
            reading.error(place, "", "the file has no rule: at least tracer = \"…\" is needed")
        }
    }

    /// As bpfd has it: that of the file, without its end.
    private static func name(of file: String) -> String? {
        let name = file.split(separator: "/").last.map(String.init) ?? ""
        let bare = name.hasSuffix(".toml") ? String(name.dropLast(5)) : name
        return bare.isEmpty ? nil : bare
    }

    private mutating func add(_ rule: Rule, _ reading: RuleReading) {
        if let other = names[rule.name] {
            return reading.error(
                rule.place,
                "name",
                "there is a rule '\(rule.name)' already, at \(other); give each a name of its own"
            )
        }
        guard set.rules.count < RuleLimits.rules else {
            return reading.error(rule.place, "", "there are more than \(RuleLimits.rules) rules")
        }
        names[rule.name] = rule.place
        set.rules.append(rule)
    }

    /// `[default]`: a tracer, and `"pass"` or `"drop"`.
    private mutating func readDefaults(_ field: RuleField, _ reading: RuleReading) {
        guard let table = field.table else { return }
        for entry in table.entries {
            let child = field.child(entry)
            guard let tracer = Tracer.named(entry.key) else {
                reading.unknown(entry.key, entry.place, child.path, "tracer", among: Tracer.all.map(\.name))
                continue
            }
            guard let text = child.string else { continue }
            guard let value = RuleSet.Default(rawValue: text) else {
                reading.unknown(
                    text,
                    child.node.place,
                    child.path,
                    "default",
                    among: RuleSet.Default.allCases.map(\.rawValue)
                )
                continue
            }
            for kind in tracer.kinds {
                if let other = defaults[kind], set.defaults[kind] != value {
                    reading.error(entry.place, child.path, "\(other) says otherwise")
                    continue
                }
                defaults[kind] = entry.place
                set.defaults[kind] = value
            }
        }
    }
}
