/// A place in a file of rules.
package struct RulePlace: Sendable, Equatable, CustomStringConvertible {
    package let file: String
    /// From 1.
    package let line: Int
    /// From 1, in bytes.
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file.isEmpty ? "rule" : file):\(line):\(column)" }
}

/// Something in a file of rules that does not hold, or that does something else than it seems.
package struct RuleProblem: Sendable, Equatable, CustomStringConvertible {
    package enum Severity: Sendable {
        case error, warning
    }

    package let place: RulePlace
    /// The key's path in its document, such as `rule[0].where.path`; empty where the whole document is meant.
    package let path: String
    /// What is wrong, and what is allowed or what to do.
    package let what: String
    package let severity: Severity

    /// In one line, as compilers write it.
    package var description: String {
        "\(place): \(severity == .warning ? "warning: " : "")\(path.isEmpty ? "" : "\(path): ")\(what)"
    }
}
