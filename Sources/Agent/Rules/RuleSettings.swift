import Glibc
import Logging
import Model
import Probes
import Rules

/// Where the rules of a run come from.
package struct RuleSettings: Sendable {
    /// Files and folders that were named.
    package var paths: [String] = []
    /// Where a daemon looks when none were named.
    package var folder: String?
    /// Whether those that clients add are there again at the next start.
    package var keeps = false

    package init() {}

    /// A daemon's own.
    package static let standardFolder = "/etc/martlet/rules.d"
    /// Where those are kept that clients add.
    package static let keptFolder = "/var/lib/martlet/rules.d"

    /// Reads those that clients added before the last start; nothing when they are not kept.
    package func readKept(_ logger: Logger) -> RuleSet {
        guard keeps, RuleCollection.names(in: Self.keptFolder)?.isEmpty == false else { return RuleSet() }
        let collection = RuleCollection.read([Self.keptFolder])
        for problem in collection.problems { logger.error("a rule that was kept: \(problem)") }
        return collection.set
    }

    /// Reads them: before privileges are given up, since they may be for root's eyes only.
    ///
    /// - Throws: what is wrong with those that were named. Faults in the folder are logged, and the others hold.
    package func read(_ logger: Logger) throws(InputFaults) -> RuleCollection {
        if !paths.isEmpty {
            let collection = RuleCollection.read(paths)
            guard collection.isRight else { throw InputFaults.rules(collection.problems) }
            for problem in collection.problems { logger.warning("\(problem)") }
            return collection
        }
        guard let folder, access(folder, F_OK) == 0, RuleCollection.names(in: folder)?.isEmpty == false else {
            return RuleCollection()
        }
        let collection = RuleCollection.read([folder])
        for problem in collection.problems {
            logger.log(level: problem.severity == .error ? .error : .warning, "\(problem)")
        }
        return collection
    }
}

extension RunOptions {
    /// What rules look at is watched, whatever else is.
    package mutating func watch(for rules: RuleSet) {
        probes.observations.formUnion(Observation.needed(for: rules.kinds))
    }
}
