import CLibBPF
import Glibc

/// What went wrong between this process and the kernel's BPF subsystem, and what to do about it.
public struct BPFError: Error, Sendable, Equatable {
    /// The step that failed.
    public enum Step: String, Sendable {
        /// Reading an object's bytes.
        case open
        /// Having its maps made and its programs verified.
        case load
        /// Putting a program on its hook.
        case attach
        /// Reading, writing or describing a map.
        case map
        /// Making or mapping a ring buffer.
        case ring
        /// Reading what an iterator program writes.
        case iterator
        /// Running a program by hand, or asking about one.
        case run
        /// Having the kernel measure programs.
        case measure
        /// Reading the kernel's types.
        case btf
    }

    /// The step that failed.
    public var step: Step
    /// The object, program or map that it failed for.
    public var subject: String
    /// The kernel's error number; 0 where the kernel was not asked.
    public var errno: Int32
    /// The lines of the verifier's or libbpf's log that decide; empty when there are none.
    public var log: [String]

    /// Makes an error from its parts.
    public init(step: Step, subject: String, errno: Int32, log: [String] = []) {
        self.step = step
        self.subject = subject
        self.errno = errno
        self.log = log
    }

    /// True when the kernel does not have the feature at all, as opposed to refusing its use.
    public var isNotSupported: Bool {
        [ENOTSUP, EOPNOTSUPP, ENOSYS, ENOENT, ESRCH].contains(errno) || (errno == EINVAL && step != .map)
    }
}

extension BPFError: CustomStringConvertible {
    /// What failed, why, and what to do about it; the log's lines follow.
    public var description: String {
        var text = "cannot \(step.rawValue) BPF \(subject)"
        if errno != 0 { text += ": \(systemMessage(errno))" }
        if let remedy { text += "; \(remedy)" }
        for line in log { text += "\n    \(line)" }
        return text
    }

    /// The step and the kernel's answer, in a few words.
    public var reason: String { errno == 0 ? step.rawValue : "\(step.rawValue): \(systemMessage(errno))" }

    /// What to do about it, where the error number tells.
    public var remedy: String? {
        switch errno {
        case ESRCH where log.contains { $0.contains("BTF") }:
            "this kernel does not tell its types: /sys/kernel/btf/vmlinux is missing; use one that was built with "
                + "CONFIG_DEBUG_INFO_BTF, as the distributions' are"
        case EPERM where step == .measure:
            "it takes CAP_SYS_ADMIN when it begins: start as root"
        case EPERM:
            switch Self.missingCapabilities {
            case "":
                "CAP_BPF and CAP_PERFMON are there, so it is a lockdown, a security module or a user namespace, or, before "
                    + "Linux 5.11, RLIMIT_MEMLOCK"
            case let names: "this process lacks \(names); run as root, or with CAP_BPF and CAP_PERFMON"
            }
        case ENOMEM where step == .map || step == .ring || step == .load:
            "raise RLIMIT_MEMLOCK (kernels before 5.11) or use smaller rings"
        default: nil
        }
    }
}

extension BPFError {
    /// Those of the two that tracing asks for which this process does not have in effect, nor what stands for both.
    private static var missingCapabilities: String {
        var bits: UInt64 = 0
        guard clibbpf_effective_capabilities(&bits) == 0, bits >> 21 & 1 == 0 else { return "" }
        return [(38, "CAP_PERFMON"), (39, "CAP_BPF")].filter { bits >> UInt64($0.0) & 1 == 0 }.map(\.1)
            .joined(separator: " and ")
    }
}

/// The C library's message for an error number, and the number.
func systemMessage(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    strerror_r(number, &buffer, buffer.count)
    let message = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(message) (errno \(number))"
}
