import Glibc

/// Files of policies by their paths.
package enum PolicyFiles {
    /// Reads files, the `*.yaml` of folders, and the standard input for `-`.
    package static func read(_ paths: [String]) -> PolicyCollection {
        var collection = PolicyCollection()
        for path in paths {
            if path == "-" {
                read(descriptor: STDIN_FILENO, "standard input", into: &collection)
            } else {
                read(path, isNamed: true, into: &collection)
            }
        }
        return collection
    }

    private static func read(_ path: String, isNamed: Bool, into collection: inout PolicyCollection) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            collection.refuse(path, "cannot be read: \(String(cString: strerror(errno)))")
            return
        }
        defer { close(descriptor) }
        var information = stat()
        fstat(descriptor, &information)
        switch information.st_mode & S_IFMT {
        case S_IFREG: read(descriptor: descriptor, path, into: &collection)
        // What a shell made of <(…); a folder's would be waited for.
        case S_IFIFO where isNamed:
            _ = fcntl(descriptor, F_SETFL, 0)
            read(descriptor: descriptor, path, into: &collection)
        case S_IFDIR where isNamed: readFolder(path, into: &collection)
        default: collection.refuse(path, "is no regular file")
        }
    }

    private static func readFolder(_ path: String, into collection: inout PolicyCollection) {
        guard let directory = opendir(path) else {
            collection.refuse(path, "cannot be read: \(String(cString: strerror(errno)))")
            return
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            // Hidden ones are not meant: Kubernetes keeps the versions of a mounted folder in such.
            if name.hasSuffix(".yaml") || name.hasSuffix(".yml"), !name.hasPrefix(".") { names.append(name) }
        }
        if names.isEmpty { collection.refuse(path, "has no *.yaml") }
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            read("\(path.hasSuffix("/") ? path : path + "/")\(name)", isNamed: false, into: &collection)
        }
    }

    private static func read(descriptor: Int32, _ name: String, into collection: inout PolicyCollection) {
        var bytes: [UInt8] = []
        // One more than is allowed tells that there is more.
        while bytes.count <= PolicyLimits.fileBytes {
            var failure: Int32 = 0
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { area, count in
                let result = Glibc.read(descriptor, area.baseAddress, area.count)
                if result < 0 { failure = errno }
                count = max(0, result)
            }
            if failure == EINTR { continue }
            if failure != 0 {
                collection.refuse(name, "cannot be read: \(String(cString: strerror(failure)))")
                return
            }
            if piece.isEmpty { break }
            bytes += piece
        }
        collection.read(bytes, file: name)
    }
}
