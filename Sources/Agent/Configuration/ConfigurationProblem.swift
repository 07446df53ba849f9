/// Where a part of the configuration was written.
package struct ConfigurationPlace: Sendable, Equatable, CustomStringConvertible {
    /// A file's path, or "$NAME" of a variable.
    package let source: String
    /// From 1; nil where the whole of it is meant.
    package let line: Int?
    package let column: Int?

    init(_ source: String, line: Int? = nil, column: Int? = nil) {
        self.source = source
        self.line = line
        self.column = column
    }

    package var description: String {
        source + (line.map { ":\($0)" } ?? "") + (column.map { ":\($0)" } ?? "")
    }
}

/// Something in the configuration that does not hold.
package struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
    package let place: ConfigurationPlace
    /// What is wrong, and what would be right.
    package let what: String

    init(_ place: ConfigurationPlace, _ what: String) {
        self.place = place
        self.what = what
    }

    package var description: String { "\(place): \(what)" }
}

/// All that is wrong with a configuration; nothing of it holds then.
package struct ConfigurationError: Error, CustomStringConvertible {
    package let problems: [ConfigurationProblem]

    package var description: String { problems.map { "\($0)" }.joined(separator: "\n") }
}
