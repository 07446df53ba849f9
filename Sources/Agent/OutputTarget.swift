/// A place that events go to.
package enum OutputTarget: Sendable, Hashable {
    case standardOutput
    case file(String)
    case store(String)
    /// A PostgreSQL database, as libpq takes it: a URI, keywords and values, or nothing but its environment.
    case postgres(String)
    /// Nowhere: for who only streams events.
    case none

    /// What logs and books call it.
    package var name: String {
        switch self {
        case .standardOutput: "standard output"
        case .file(let path), .store(let path): path
        case .postgres(let conninfo): Self.withoutSecrets(conninfo)
        case .none: "none"
        }
    }

    /// What may be shown of how to reach a database.
    private static func withoutSecrets(_ conninfo: String) -> String {
        guard let scheme = conninfo.firstRange(of: "://") else {
            let plain = conninfo.split(separator: " ").filter { word in
                !["password", "sslpassword", "passfile"].contains { word.hasPrefix("\($0)=") }
            }
            // A quoted value may have spaces: then nothing of it is sure to be plain.
            let isPlain = !conninfo.contains("'") && !conninfo.contains(" = ")
            return plain.isEmpty || !isPlain ? "postgres" : "postgres:" + plain.joined(separator: " ")
        }
        var rest = conninfo[scheme.upperBound...].prefix { $0 != "?" }
        var user = ""
        if let at = rest.lastIndex(of: "@") {
            user = rest[..<at].prefix { $0 != ":" } + "@"
            rest = rest[rest.index(after: at)...]
        }
        return "postgres://\(user)\(rest)"
    }

    package var isDatabase: Bool {
        if case .postgres = self { true } else { false }
    }

    package var isFile: Bool {
        if case .file = self { true } else { false }
    }

    package var isStore: Bool {
        if case .store = self { true } else { false }
    }
}
