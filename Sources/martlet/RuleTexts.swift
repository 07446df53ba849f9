import API
import UserInput

/// The texts of rule files, for a daemon that opens none of them.
enum RuleTexts {
    /// A file, or what is in its way.
    struct File {
        let name: String
        let content: Result<String, InputFiles.Failure>
    }

    /// Reads files, the files `*.toml` of folders by their names, and `-`, the standard input.
    static func load(_ paths: [String]) -> [File] {
        InputFiles.load(paths, InputFiles.Kind(ends: [".toml"], limit: ControlServer.textLimit)).map { file in
            File(name: file.name, content: file.content.flatMap(text))
        }
    }

    /// What is to be done with a file that no call can hold.
    static let tooLarge = InputFiles.Failure(
        "has more than \(ControlServer.textLimit >> 10) KiB: put it in several files, or where the daemon reads it when it starts"
    )

    private static func text(_ bytes: [UInt8]) -> Result<String, InputFiles.Failure> {
        guard bytes.count <= ControlServer.textLimit else { return .failure(tooLarge) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(InputFiles.Failure("is no UTF-8"))
        }
        return .success(text)
    }
}
