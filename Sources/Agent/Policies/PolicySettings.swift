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
    package func read(_ logger: Logger) throws(InputFaults) -> PolicyCollection {
        if !paths.isEmpty {
            let collection = PolicyFiles.read(paths)
            guard collection.isRight else { throw InputFaults.policies(collection.problems) }
            for problem in collection.problems { logger.warning("\(problem)") }
            return collection
        }
        guard let folder, access(folder, F_OK) == 0, PolicyFiles.names(in: folder)?.isEmpty == false else {
            return PolicyCollection()
        }
        let collection = PolicyFiles.read([folder])
        for problem in collection.problems {
            logger.log(level: problem.severity == .error ? .error : .warning, "\(problem)")
        }
        return collection
    }
}
