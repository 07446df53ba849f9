/// What a user wrote to choose paths: a path and all below it, or a glob.
package struct PathPattern: Sendable {
    private let text: String
    private let glob: Glob?

    /// With `*`, `?` or `[` it is a glob in which `*` also matches slashes; otherwise a path and what lies below it.
    package init(_ text: String) {
        glob = text.contains { "*?[".contains($0) } ? Glob(text) : nil
        self.text = glob == nil && text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// What every path that is meant begins with.
    package var beginning: [UInt8] { glob?.beginning ?? Array(text.utf8) }

    /// Whether `path` is meant.
    package func matches(_ path: UnsafeRawBufferPointer) -> Bool {
        glob?.matches(path) ?? matchesPrefix(path)
    }

    private func matchesPrefix(_ path: UnsafeRawBufferPointer) -> Bool {
        let count = text.utf8.count
        guard path.count >= count, path.starts(with: text.utf8) else { return false }
        return path.count == count || path[count] == UInt8(ascii: "/") || text == "/"
    }
}

/// What a user wrote to choose processes: a name or a glob for names, or with a slash a pattern for the binary's path.
package struct ProcessPattern: Sendable {
    private let name: String
    private let glob: PathPattern?
    private let path: PathPattern?

    package init(_ text: String) {
        name = text
        path = text.contains("/") ? PathPattern(text) : nil
        glob = path == nil && text.contains { "*?[".contains($0) } ? PathPattern(text) : nil
    }

    package func matches(binary: UnsafeRawBufferPointer) -> Bool {
        if let path { return path.matches(binary) }
        let begin = binary.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return matches(name: UnsafeRawBufferPointer(rebasing: binary[begin...]))
    }

    /// - Parameter comm: up to its terminator, or with it.
    package func matches(comm: UnsafeRawBufferPointer) -> Bool {
        if path != nil { return false }
        let known = UnsafeRawBufferPointer(rebasing: comm.prefix { $0 != 0 })
        // The kernel keeps fifteen bytes of a name.
        return matches(name: known) || (known.count == 15 && name.utf8.count > 15 && name.utf8.starts(with: known))
    }

    private func matches(name known: UnsafeRawBufferPointer) -> Bool {
        if let glob { return glob.matches(known) }
        return known.count == name.utf8.count && known.elementsEqual(name.utf8)
    }
}
