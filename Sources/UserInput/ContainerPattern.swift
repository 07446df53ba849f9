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

    package func matches(_ place: some Placement) -> Bool {
        switch meaning {
        case .host: return place.isOnHost
        case .any: return place.containerID != nil
        case .text(let pattern):
            return place.containerID.map(pattern.matches) ?? false || place.containerName.map(pattern.matches) ?? false
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

    package func matches(_ place: some Placement) -> Bool {
        if let namespace {
            guard place.podNamespace.map(namespace.matches) ?? false else { return false }
        } else if let uid = place.podUID, name.matches(uid) {
            return true
        }
        return place.podName.map(name.matches) ?? false
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

    package func matches(_ place: some Placement) -> Bool {
        guard let unit = place.unit else { return false }
        return name.matches(unit) || service.matches(unit)
    }
}

/// What a user wrote to choose policies: a name or a glob.
package struct PolicyPattern: Sendable {
    private let name: NamePattern

    package init(_ text: String) { name = NamePattern(text) }

    package func matches(_ policy: UnsafeRawBufferPointer) -> Bool { name.matches(policy) }
}

/// A name, its beginning, or a glob.
package struct NamePattern: Sendable {
    private let text: String
    private let glob: PathPattern?
    private let matchesPrefix: Bool

    package init(_ text: String, matchesPrefix: Bool = false) {
        self.text = text
        self.matchesPrefix = matchesPrefix
        glob = text.contains { "*?[".contains($0) } ? PathPattern(text) : nil
    }

    package func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        if let glob { return glob.matches(name) }
        return (matchesPrefix || name.count == text.utf8.count) && name.starts(with: text.utf8)
    }
}
