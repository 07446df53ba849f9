import BPF
import Logging

extension KernelProbes {
    /// Loads and attaches one observation alone, has `body` make its events happen, and lets go of it.
    package static func attempt(_ observation: Observation, _ body: () -> Void) -> Trial {
        var settings = ProbeSettings()
        settings.observations = [observation]
        settings.pool = 1
        // The smallest: whoever reads nothing needs no room.
        settings.ringBytes = 4096
        settings.lifeCycleBytes = 4096
        do {
            let probes = try KernelProbes(
                settings,
                minimum: [],
                logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() }
            )
            if let missing = probes.missing.first { return .refused(missing.error) }
            body()
            let runs = try probes.counts()[observation.kind]?.produced ?? 0
            return runs > 0 ? .works(runs: runs) : .silent
        } catch let error as BPFError {
            return .refused(error)
        } catch ProbeError.shared(let error) {
            return .refused(error)
        } catch {
            return .refused(BPFError(step: .load, subject: "\(observation.rawValue)", errno: 0, log: ["\(error)"]))
        }
    }
}
