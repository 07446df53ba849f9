import UserInput

/// The texts of rule files, for a daemon that opens none of them.
enum RuleTexts {
    /// A file, or what is in its way.
    struct File {
        let name: String
        let content: Result<String, InputFiles.Failure>
    }

    /// What a call of the control socket can hold.
    private static let limit = 250 << 10

    /// Reads files, the files `*.toml` of folders by their names, and `-`, the standard input.
    static func load(_ paths: [String]) -> [File] {
        InputFiles.load(paths, InputFiles.Kind(ends: [".toml"], limit: limit)).map { file in
            File(name: file.name, content: file.content.flatMap(text))
        }
    }

    private static func text(_ bytes: [UInt8]) -> Result<String, InputFiles.Failure> {
        guard bytes.count <= limit else {
            return .failure(InputFiles.Failure("has more than \(limit >> 10) KiB: put it in several files"))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(InputFiles.Failure("is no UTF-8"))
        }
        return .success(text)
    }
}
