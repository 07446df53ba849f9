import Glibc

/// The texts of rule files, for a daemon that opens none of them.
enum RuleTexts {
    /// A file, or what is in its way.
    struct File {
        let name: String
        let content: Result<String, Failure>
    }

    struct Failure: Error { let reason: String }

    /// What a call of the control socket can hold.
    private static let limit = 250 << 10

    /// Reads files, the files `*.toml` of folders by their names, and `-`, the standard input.
    static func load(_ paths: [String]) -> [File] {
        paths.flatMap { path -> [File] in
            guard path != "-" else { return [File(name: "standard input", content: read(STDIN_FILENO))] }
            var information = stat()
            guard stat(path, &information) == 0 else { return [refused(path, errno)] }
            guard information.st_mode & S_IFMT == S_IFDIR else { return [load(path)] }
            guard let names = names(in: path) else { return [refused(path, errno)] }
            return names.map { load(path.hasSuffix("/") ? path + $0 : "\(path)/\($0)") }
        }
    }

    private static func load(_ path: String) -> File {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { return refused(path, errno) }
        defer { close(descriptor) }
        return File(name: path, content: read(descriptor))
    }

    private static func refused(_ name: String, _ error: Int32) -> File {
        let reason = "cannot be read: \(String(cString: strerror(error)))"
        return File(name: name, content: .failure(Failure(reason: reason)))
    }

    private static func names(in folder: String) -> [String]? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".toml"), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func read(_ descriptor: Int32) -> Result<String, Failure> {
        var bytes: [UInt8] = []
        while true {
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                return .failure(Failure(reason: "cannot be read: \(String(cString: strerror(errno)))"))
            }
            if count == 0 { break }
            bytes += piece.prefix(count)
            guard bytes.count <= limit else {
                return .failure(Failure(reason: "has more than \(limit >> 10) KiB: put it in several files"))
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(Failure(reason: "is no UTF-8"))
        }
        return .success(text)
    }
}
