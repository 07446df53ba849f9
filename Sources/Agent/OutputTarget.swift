/// A place that events go to.
package enum OutputTarget: Sendable, Hashable {
    case standardOutput
    case file(String)
    case store(String)
    /// Nowhere: for who only streams events.
    case none

    /// What logs and books call it.
    package var name: String {
        switch self {
        case .standardOutput: "standard output"
        case .file(let path), .store(let path): path
        case .none: "none"
        }
    }

    package var isFile: Bool {
        if case .file = self { true } else { false }
    }

    package var isStore: Bool {
        if case .store = self { true } else { false }
    }
}
