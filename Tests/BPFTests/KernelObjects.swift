import Glibc
import Testing

/// What the library does in the kernel: tests for root on a kernel with BTF; elsewhere they say why they do not run.
@Suite(
    .serialized,
    .enabled(if: geteuid() == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0, "needs root and a kernel with BTF")
)
enum KernelObjects {}
