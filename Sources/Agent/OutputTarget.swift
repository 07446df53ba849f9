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
        case .postgres(let conninfo): PostgresAddress(conninfo) { _ in nil }.shown
        case .none: "none"
        }
    }

    /// False where a password would be taken for a part of the name of a host or database.
    package var isMeant: Bool {
        if case .postgres(let conninfo) = self { PostgresAddress(conninfo) { _ in nil }.isMeant } else { true }
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
