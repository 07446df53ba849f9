import Foundation
import Glibc

/// A folder that is gone when nobody holds it any more. Its path has no symbolic link in it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "martlet-kernel-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        // The tests of other users' processes work in here.
        chmod(url.path, 0o755)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// Writes a file; its path.
    func write(_ text: String, to name: String, executable: Bool = false) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: self(name)))
        if executable { chmod(self(name), 0o755) }
        return self(name)
    }

    /// Makes folders; the path of the last one.
    func makeFolder(_ names: String...) throws -> String {
        for name in names {
            try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
        }
        return self(names.last ?? "")
    }
}
