import Glibc
import Logging
import Policies

/// Where the policies of a run come from.
package struct PolicySettings: Sendable {
    /// Files and folders that were named.
    package var paths: [String] = []
    /// Where a daemon looks when none were named.
    package var folder: String?

    package init() {}

    /// A daemon's own.
    package static let standardFolder = "/etc/martlet/policies.d"

    /// Reads them: before privileges are given up, since they may be for root's eyes only.
    ///
    /// - Throws: what is wrong with those that were named. Faults in the folder are logged, and the others hold.
    package func read(_ logger: Logger) throws(PolicyFaults) -> PolicyCollection {
        if !paths.isEmpty {
            let collection = PolicyFiles.read(paths)
            guard collection.isRight else { throw PolicyFaults(problems: collection.problems) }
            for problem in collection.problems { logger.warning("\(problem)") }
            return collection
        }
        guard let folder, access(folder, F_OK) == 0, let names = try? Self.names(in: folder), !names.isEmpty else {
            return PolicyCollection()
        }
        let collection = PolicyFiles.read([folder])
        for problem in collection.problems {
            logger.log(level: problem.severity == .error ? .error : .warning, "\(problem)")
        }
        return collection
    }

    private static func names(in folder: String) throws -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml") { names.append(name) }
        }
        return names
    }
}
