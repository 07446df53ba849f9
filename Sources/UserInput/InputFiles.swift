import Glibc

/// Files that users wrote, by their paths.
package enum InputFiles {
    /// What is read.
    package struct Kind: Sendable {
        /// Of folders only files with one of these ends, such as `.yaml`.
        package let ends: [String]
        /// How large a file may be; of a larger one, one byte more is read.
        package let limit: Int

        package init(ends: [String], limit: Int) {
            self.ends = ends
            self.limit = limit
        }
    }

    /// A file, or what is in its way.
    package struct File: Sendable {
        package let name: String
        package let content: Result<[UInt8], Failure>
    }

    /// Why a file has no content.
    package struct Failure: Error {
        package let reason: String

        package init(_ reason: String) { self.reason = reason }
    }

    /// The bytes of files, of the files in folders, and of the standard input for `-`.
    package static func load(_ paths: [String], _ kind: Kind) -> [File] {
        var files: [File] = []
        for path in paths {
            if path == "-" {
                read(descriptor: STDIN_FILENO, "standard input", kind, into: &files)
            } else {
                read(path, isNamed: true, kind, into: &files)
            }
        }
        return files
    }

    /// The names of the files in a folder that are of this kind, in order; nil when it cannot be read.
    package static func names(in folder: String, _ kind: Kind) -> [String]? { entries(in: folder, kind)?.meant }

    /// Of a folder's entries those that are of this kind, and the others; hidden ones are in neither.
    package static func entries(in folder: String, _ kind: Kind) -> (meant: [String], others: [String])? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var (meant, others): ([String], [String]) = ([], [])
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            // Kubernetes keeps the versions of a mounted folder in hidden ones.
            if name.hasPrefix(".") { continue }
            if kind.ends.contains(where: name.hasSuffix) { meant.append(name) } else { others.append(name) }
        }
        let inOrder = { (a: String, b: String) in a.utf8.lexicographicallyPrecedes(b.utf8) }
        return (meant.sorted(by: inOrder), others.sorted(by: inOrder))
    }

    private static func read(_ path: String, isNamed: Bool, _ kind: Kind, into files: inout [File]) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            files.refuse(path, "cannot be read: \(String(cString: strerror(errno)))")
            return
        }
        defer { close(descriptor) }
        var information = stat()
        fstat(descriptor, &information)
        switch information.st_mode & S_IFMT {
        case S_IFREG: read(descriptor: descriptor, path, kind, into: &files)
        // What a shell made of <(…); a folder's would be waited for.
        case S_IFIFO where isNamed:
            _ = fcntl(descriptor, F_SETFL, 0)
            read(descriptor: descriptor, path, kind, into: &files)
        case S_IFDIR where isNamed: readFolder(path, kind, into: &files)
        default: files.refuse(path, "is no regular file")
        }
    }

    private static func readFolder(_ path: String, _ kind: Kind, into files: inout [File]) {
        guard let names = names(in: path, kind) else {
            files.refuse(path, "cannot be read: \(String(cString: strerror(errno)))")
            return
        }
        if names.isEmpty { files.refuse(path, "has no *\(kind.ends[0])") }
        for name in names {
            read("\(path.hasSuffix("/") ? path : path + "/")\(name)", isNamed: false, kind, into: &files)
        }
    }

    private static func read(descriptor: Int32, _ name: String, _ kind: Kind, into files: inout [File]) {
        var bytes: [UInt8] = []
        // One more than is allowed tells that there is more.
        while bytes.count <= kind.limit {
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

extension [InputFiles.File] {
    fileprivate mutating func refuse(_ name: String, _ reason: String) {
        append(InputFiles.File(name: name, content: .failure(InputFiles.Failure(reason))))
    }
}
