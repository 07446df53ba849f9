import Foundation

/// The programs under test, found beside the tests, where SwiftPM puts all that it builds.
enum Products {
    /// Why no test could run.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    static func martlet() throws -> String { try find("martlet") }

    static func workload() throws -> String { try find("workload") }

    static func confined() throws -> String { try find("confined") }

    private static func find(_ name: String) throws -> String {
        let starts = [CommandLine.arguments.first, Bundle.main.executablePath].compactMap(\.self)
        // Inside a bundle the test program stands deeper than the products.
        let folders = starts.flatMap { start in
            let first = URL(filePath: start).resolvingSymlinksInPath().deletingLastPathComponent()
            return sequence(first: first) { $0.deletingLastPathComponent() }.prefix(4)
        }
        let candidates = folders.map { $0.appending(path: name).path }
        guard let found = candidates.first(where: isProgram) else {
            throw Missing(description: "\(name) is not built; looked for:\n  \(candidates.joined(separator: "\n  "))")
        }
        return found
    }

    private static func isProgram(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return exists && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: path)
    }
}
