import Glibc

/// Whether this kernel may take the CPU from a task in the middle of a program on a tracepoint.
enum Preemption {
    /// Since Linux 6.0 a program on a function of a program may lose the CPU; it can hold it since 6.10 (bpf_preempt_disable).
    static let isHeldInUprobes = release >= (6, 10)

    /// Since Linux 7.0, whose tracepoints no longer run with preemption off.
    ///
    /// Asked by version: nothing in the kernel's types tells, and the functions that hold the CPU are older (6.10).
    static let isPossible = release >= (7, 0)

    private static let release: (Int, Int) = {
        var names = utsname()
        uname(&names)
        let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = release.split { !$0.isNumber }.prefix(2).map { Int($0) ?? 0 }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
    }()
}
