import BPF
import Glibc
import Logging

extension KernelProbes {
    /// Loads and attaches one observation alone as a run does, makes its events happen, and lets go of it.
    package static func attempt(_ observation: Observation) -> Trial {
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
                attacher: try makeAttacher(for: settings.observations),
                logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() }
            )
            if let missing = probes.missing.first { return .refused(missing.error) }
            if let refusal = probes.shells?.refusal { return .refused(refusal) }
            Provocation.run(for: observation)
            let runs = try probes.counts()[observation.kind]?.produced ?? 0
            if runs > 0 { return .works(runs: runs) }
            return Provocation.isPossible(for: observation) ? .silent : .idle
        } catch let error as BPFError {
            return .refused(error)
        } catch ProbeError.shared(let error) {
            return .refused(error)
        } catch {
            return .refused(BPFError(step: .load, subject: "\(observation.rawValue)", errno: 0, log: ["\(error)"]))
        }
    }
}
