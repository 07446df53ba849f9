import Glibc

/// Files of policies by their paths.
package enum PolicyFiles {
    /// Reads files, the `*.yaml` of folders, and the standard input for `-`.
    package static func read(_ paths: [String]) -> PolicyCollection {
        var collection = PolicyCollection()
        for file in load(paths) {
            switch file.content {
            case .success(let bytes): collection.read(bytes, file: file.name)
            case .failure(let failure): collection.refuse(file.name, failure.reason)
            }
        }
        return collection
    }

    /// A file, or what is in its way.
    package struct File: Sendable {
        package let name: String
        package let content: Result<[UInt8], Failure>
    }

    /// Why a file has no content.
    package struct Failure: Error {
        package let reason: String
    }

    /// The files' bytes, of each at most one more than is allowed.
    package static func load(_ paths: [String]) -> [File] {
        var files: [File] = []
        for path in paths {
            if path == "-" {
                read(descriptor: STDIN_FILENO, "standard input", into: &files)
            } else {
                read(path, isNamed: true, into: &files)
            }
        }
        return files
    }

    private static func read(_ path: String, isNamed: Bool, into files: inout [File]) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            files.refuse(path, "cannot be read: \(String(cString: strerror(errno)))")
            return
        }
        defer { close(descriptor) }
        var information = stat()
        fstat(descriptor, &information)
        switch information.st_mode & S_IFMT {
        case S_IFREG: read(descriptor: descriptor, path, into: &files)
        // What a shell made of <(…); a folder's would be waited for.
        case S_IFIFO where isNamed:
            _ = fcntl(descriptor, F_SETFL, 0)
            read(descriptor: descriptor, path, into: &files)
        case S_IFDIR where isNamed: readFolder(path, into: &files)
        default: files.refuse(path, "is no regular file")
        }
    }

    private static func readFolder(_ path: String, into files: inout [File]) {
        guard let directory = opendir(path) else {
            files.refuse(path, "cannot be read: \(String(cString: strerror(errno)))")
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
        if names.isEmpty { files.refuse(path, "has no *.yaml") }
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            read("\(path.hasSuffix("/") ? path : path + "/")\(name)", isNamed: false, into: &files)
        }
    }

    private static func read(descriptor: Int32, _ name: String, into files: inout [File]) {
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
                files.refuse(name, "cannot be read: \(String(cString: strerror(failure)))")
                return
            }
            if piece.isEmpty { break }
            bytes += piece
        }
        files.append(File(name: name, content: .success(bytes)))
    }
}

extension [PolicyFiles.File] {
    fileprivate mutating func refuse(_ name: String, _ reason: String) {
        append(PolicyFiles.File(name: name, content: .failure(PolicyFiles.Failure(reason: reason))))
    }
}
