/// Something in a file that does not hold, or that has no effect, or another one than it seems.
package struct InputProblem: Sendable, Equatable, CustomStringConvertible {
    /// Whether it can be used all the same.
    package enum Severity: String, Sendable, Encodable {
        case error, warning
    }

    /// Where it was written.
    package let place: InputPlace
    /// The field's path in its document, such as `spec.kprobes[0].call`; empty where the whole document is meant.
    package let path: String
    /// What is wrong, and what is allowed or what to do.
    package let what: String
    package let severity: Severity

    package init(place: InputPlace, path: String, what: String, severity: Severity) {
        self.place = place
        self.path = path
        self.what = what
        self.severity = severity
    }

    /// In one line, as compilers write it.
    package var description: String {
        let kind = severity == .warning ? "warning: " : ""
        return "\(place): \(kind)\(path.isEmpty ? "" : "\(path): ")\(what)"
    }
}
