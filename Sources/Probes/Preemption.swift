import Glibc

/// Whether this kernel may take the CPU from a task in the middle of a program on a tracepoint.
enum Preemption {
    /// Since Linux 7.0, whose tracepoints no longer run with preemption off.
    ///
    /// Asked by version: nothing in the kernel's types tells, and the functions that hold the CPU are older (6.10).
    static let isPossible: Bool = {
        var names = utsname()
        uname(&names)
        let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return (Int(release.prefix { $0.isNumber }) ?? 0) >= 7
    }()
}
