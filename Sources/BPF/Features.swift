import CLibBPF
import Glibc

/// What the running kernel can do with BPF, found out by doing it.
public enum BPFFeature: String, CaseIterable, Sendable {
    /// The kernel's own types, at `/sys/kernel/btf/vmlinux`. Since Linux 5.4, with `CONFIG_DEBUG_INFO_BTF`.
    case btf
    /// Ring buffers. Since Linux 5.8.
    case ringBuffer = "ring-buffer"
    /// Raw tracepoint programs. Since Linux 4.17.
    case rawTracepoint = "raw-tracepoint"
    /// Programs on typed tracepoints and iterators. Since Linux 5.8.
    case tracing
    /// Programs on functions of files by links of the kernel's own, without CAP_SYS_ADMIN. Since Linux 6.6.
    case uprobeMulti = "uprobe-multi"
    /// Iterator programs that may sleep, and so read another process' memory. Since Linux 5.18.
    case copyFromUserTask = "copy-from-user-task"

    /// Nil when the feature works here; otherwise why not.
    public func probe() -> BPFError? {
        switch self {
        case .btf:
            access("/sys/kernel/btf/vmlinux", R_OK) == 0 ? nil : error(errno)
        case .ringBuffer:
            refusal(libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nil))
        case .rawTracepoint:
            refusal(libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_RAW_TRACEPOINT, nil))
        case .tracing:
            // libbpf tries a function's entry, which some kernels refuse that take all the rest.
            tried(clibbpf_try_iterator())
        case .uprobeMulti:
            tried(clibbpf_try_uprobe_multi())
        case .copyFromUserTask:
            refusal(libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_copy_from_user_task, nil))
        }
    }

    /// libbpf answers 1 for yes, 0 for no, and a negative error number when it could not find out.
    private func refusal(_ answer: Int32) -> BPFError? {
        answer > 0 ? nil : error(answer == 0 ? EOPNOTSUPP : -answer)
    }

    private func tried(_ result: Int32) -> BPFError? { result == 0 ? nil : error(-result) }

    private func error(_ number: Int32) -> BPFError {
        BPFError(step: .load, subject: "feature \(rawValue)", errno: number)
    }
}
