import CWire
import Model

/// What a user wrote to choose containers: the beginning of an id or of a name, a glob, `host`, or `any`.
package struct ContainerPattern: Sendable {
    private enum Meaning {
        case host, any, text(NamePattern)
    }

    private let meaning: Meaning

    package init(_ text: String) {
        meaning = text == "host" ? .host : text == "any" ? .any : .text(NamePattern(text, matchesPrefix: true))
    }

    func matches(_ process: Execution) -> Bool {
        switch meaning {
        case .host: return process.isOnHost
        case .any: return process.container != nil
        case .text(let pattern):
            guard let container = process.container else { return false }
            return pattern.matches(container.id.buffer) || container.string(\.name).map(pattern.matches) ?? false
        }
    }
}

/// What a user wrote to choose pods: a name, NAMESPACE/NAME, a uid, or a glob for one of these.
package struct PodPattern: Sendable {
    private let namespace: NamePattern?
    private let name: NamePattern

    package init(_ text: String) {
        let slash = text.firstIndex(of: "/")
        namespace = slash.map { NamePattern(String(text[..<$0])) }
        name = NamePattern(slash.map { String(text[text.index(after: $0)...]) } ?? text)
    }

    func matches(_ process: Execution) -> Bool {
        guard let container = process.container else { return false }
        if let namespace {
            guard container.string(\.pod_namespace).map(namespace.matches) ?? false else { return false }
        } else if let uid = container.podUID, name.matches(uid.buffer) {
            return true
        }
        return container.string(\.pod).map(name.matches) ?? false
    }
}

/// What a user wrote to choose systemd units: a name, of services without its end, or a glob.
package struct UnitPattern: Sendable {
    private let name: NamePattern
    private let service: NamePattern

    package init(_ text: String) {
        name = NamePattern(text)
        service = NamePattern(text + ".service")
    }

    func matches(_ process: Execution) -> Bool {
        guard let unit = process.unit else { return false }
        return name.matches(unit) || service.matches(unit)
    }
}

/// A name, its beginning, or a glob.
struct NamePattern: Sendable {
    private let text: String
    private let glob: PathPattern?
    private let matchesPrefix: Bool

    init(_ text: String, matchesPrefix: Bool = false) {
        self.text = text
        self.matchesPrefix = matchesPrefix
        glob = text.contains { "*?[".contains($0) } ? PathPattern(text) : nil
    }

    func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        if let glob { return glob.matches(name) }
        return (matchesPrefix || name.count == text.utf8.count) && name.starts(with: text.utf8)
    }
}
