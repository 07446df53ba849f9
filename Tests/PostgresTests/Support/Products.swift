import Foundation

/// The programs under test, found beside the tests, where SwiftPM puts all that it builds.
enum Products {
    static func helper() throws -> String { try find("martlet-postgres") }

    static func find(_ name: String) throws -> String {
        let starts = [CommandLine.arguments.first, Bundle.main.executablePath].compactMap(\.self)
        // Inside a bundle the test program stands deeper than the products.
        let folders = starts.flatMap { start in
            let first = URL(filePath: start).resolvingSymlinksInPath().deletingLastPathComponent()
            return sequence(first: first) { $0.deletingLastPathComponent() }.prefix(4)
        }
        // The folder of the module's own build products has the same name.
        var isFolder: ObjCBool = false
        let candidates = folders.map { $0.appending(path: name).path }
        guard
            let found = candidates.first(where: {
                FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
            })
        else { throw PostgresServer.Failure(description: "not built: \(candidates.joined(separator: ", "))") }
        return found
    }
}
