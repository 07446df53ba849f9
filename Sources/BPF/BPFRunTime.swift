import CLibBPF
import Glibc

/// Has the kernel measure what all programs cost, for as long as this value lives; their ``BPFProgram/information`` has it.
///
/// Two clock reads more for each run of each program on the machine, some 80 ns in a virtual machine. Needs `CAP_SYS_ADMIN` when it
/// begins, and not later. Since Linux 5.8.
public struct BPFRunTime: ~Copyable, Sendable {
    private let descriptor: Int32

    /// Begins to measure.
    public init() throws(BPFError) {
        let descriptor = bpf_enable_stats(BPF_STATS_RUN_TIME)
        guard descriptor >= 0 else { throw BPFError(step: .measure, subject: "run time", errno: -descriptor) }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
