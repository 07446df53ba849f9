import UserInput

/// Files of policies by their paths.
package enum PolicyFiles {
    private static let kind = InputFiles.Kind(ends: [".yaml", ".yml"], limit: PolicyLimits.fileBytes)

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

    /// The files' bytes, of each at most one more than is allowed.
    package static func load(_ paths: [String]) -> [InputFiles.File] { InputFiles.load(paths, kind) }

    /// The names of a folder's files; nil when it cannot be read.
    package static func names(in folder: String) -> [String]? { InputFiles.names(in: folder, kind) }
}
