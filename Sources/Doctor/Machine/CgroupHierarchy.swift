/// How control groups are mounted.
package struct CgroupHierarchy: Sendable, Equatable {
    /// The three ways that there are.
    package enum Mode: String, Sendable { case v1, v2, hybrid, none }

    package let mode: Mode
    /// Where version 2 is mounted.
    package let unified: String?
    /// Where the controllers of version 1 are mounted.
    package let legacy: [String]

    /// Of the text of `/proc/self/mounts`.
    package init(mounts: String) {
        var unified: String?
        var legacy: [String] = []
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 2 else { continue }
            if words[2] == "cgroup2" { unified = unified ?? String(words[1]) }
            if words[2] == "cgroup" { legacy.append(String(words[1])) }
        }
        self.unified = unified
        self.legacy = legacy
        mode = unified == nil ? (legacy.isEmpty ? .none : .v1) : legacy.isEmpty ? .v2 : .hybrid
    }

    /// In one line.
    package var text: String {
        switch mode {
        case .none: "not mounted"
        case .v2: "v2 at \(unified ?? "")"
        case .v1: "v1: \(legacyText)"
        case .hybrid: "hybrid: v2 at \(unified ?? ""), v1 \(legacyText)"
        }
    }

    private var legacyText: String {
        guard let first = legacy.first else { return "" }
        return legacy.count == 1 ? "at \(first)" : "at \(first) and \(legacy.count - 1) more"
    }
}
