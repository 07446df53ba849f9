import BPF
import Logging
import Probes

extension Doctor {
    static func check(_ observation: Observation, _ privileges: Privileges) -> Check {
        let need: Check.Need = Observation.minimum.contains(observation) ? .required : .feature
        if let obstacle = privileges.obstacle {
            return Check(.observations, observation.rawValue, .notApplicable, obstacle, need: need)
        }
        switch KernelProbes.attempt(observation) {
        case .works(let runs):
            return Check(.observations, observation.rawValue, .ok, "\(seen(runs)) while trying", need: need)
        case .silent:
            return Check(
                .observations,
                observation.rawValue,
                .failed,
                "loads and attaches, but saw nothing of what happened",
                need: need,
                remedy: "please report this, with the output of martlet doctor -o json"
            )
        case .idle:
            let found =
                observation == .breakout
                ? "loads; only root can try it" : "loads; there is no bash here to try it on"
            return Check(.observations, observation.rawValue, .ok, found, need: need)
        case .refused(let error):
            return Check(
                .observations,
                observation.rawValue,
                .failed,
                error.reason,
                need: need,
                log: lines(error, 2),
                remedy: error.remedy
            )
        }
    }

    private static func seen(_ runs: UInt64) -> String { runs == 1 ? "1 event" : "\(runs) events" }

    /// The processes that run already.
    static func snapshotCheck(_ privileges: Privileges) -> Check {
        let name = "snapshot"
        if let obstacle = privileges.obstacle {
            return Check(.observations, name, .notApplicable, obstacle, need: .required)
        }
        do throws(BPFError) {
            let logger = Logger(label: "") { _ in SwiftLogNoOpLogHandler() }
            let snapshot = try Snapshot(excluding: 0, logger: logger)
            var count = 0
            try snapshot.read { _ in count += 1 }
            let source = snapshot.hasArguments ? "" : "; their arguments come from /proc, as before Linux 5.18"
            return Check(.observations, name, .ok, "\(count) processes run already\(source)", need: .required)
        } catch {
            return Check(
                .observations,
                name,
                .failed,
                error.reason,
                need: .required,
                log: lines(error, 2),
                remedy: error.remedy
            )
        }
    }

    static func check(_ upgrade: Upgrade, _ privileges: Privileges) -> Check {
        if let obstacle = privileges.obstacle { return Check(.hooks, upgrade.rawValue, .notApplicable, obstacle) }
        switch upgrade.attempt() {
        case .works: return Check(.hooks, upgrade.rawValue, .ok, "ran")
        case .silent, .idle:
            let modules = SecurityModules.current().names
            let isListed = modules?.contains("bpf") ?? true
            let listed = isListed ? "" : ": bpf is not among \(modules?.joined(separator: ",") ?? "")"
            let why = upgrade == .lsm ? listed : ""
            return Check(
                .hooks,
                upgrade.rawValue,
                .failed,
                "loads and attaches, but never runs\(why)",
                remedy: "needs \(upgrade.requirement)"
            )
        case .refused(let error):
            return Check(
                .hooks,
                upgrade.rawValue,
                .failed,
                error.reason,
                log: lines(error, 1),
                remedy: "needs \(upgrade.requirement)"
            )
        }
    }

    /// The last lines of a log, without those that say the error number once more or guess at it.
    private static func lines(_ error: BPFError, _ count: Int) -> [String] {
        let noise = [
            "BPF program load failed: ", "failed to load: -", "failed to auto-attach: -", "failed to attach: ",
            "try raising 'ulimit -l'",
        ]
        return error.log.map { $0.hasPrefix("libbpf: ") ? String($0.dropFirst("libbpf: ".count)) : $0 }
            .filter { line in !noise.contains { line.contains($0) } }.suffix(count)
    }
}
