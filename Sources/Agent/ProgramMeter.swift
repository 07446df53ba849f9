import BPF
import Logging

/// Has the kernel measure what programs cost, for as long as it lives.
final class ProgramMeter: Sendable {
    private let runTime: BPFRunTime

    /// Nil, with a word about it, where that is not permitted: all else goes on without.
    init?(_ logger: Logger) {
        do {
            runTime = try BPFRunTime()
        } catch {
            logger.warning("bpf-stats: \(error); what programs cost is not told")
            return nil
        }
    }
}
