import Glibc

/// The namespaces that the machine began with, as far as this process could find out when it was made.
///
/// Most have numbers that are the same everywhere (`include/linux/proc_ns.h`). Those of mounts and of the network are
/// process 1's, where process 1 is the machine's own; to look at them takes root.
package struct HostNamespaces: Sendable {
    private let numbers: [NamespaceKind: UInt64]

    package init() {
        var numbers: [NamespaceKind: UInt64] = [:]
        for kind in NamespaceKind.allCases {
            // A kernel that has no such namespaces has no file of them either.
            guard access("/proc/self/ns/\(kind.file)", F_OK) == 0 else { continue }
            numbers[kind] = Self.fixed(kind) ?? Self.ofFirstProcess(kind)
        }
        self.numbers = numbers
    }

    package subscript(kind: NamespaceKind) -> UInt64? { numbers[kind] }

    private static func fixed(_ kind: NamespaceKind) -> UInt64? {
        switch kind {
        case .ipc: 0xefff_ffff
        case .uts: 0xefff_fffe
        case .user: 0xefff_fffd
        case .pid, .pidForChildren: 0xefff_fffc
        case .cgroup: 0xefff_fffb
        case .time, .timeForChildren: 0xefff_fffa
        case .mount, .network: nil
        }
    }

    /// That of a container's process 1 is no host's.
    private static func ofFirstProcess(_ kind: NamespaceKind) -> UInt64? {
        guard KernelFile.namespace("/proc/1/ns/pid") == fixed(.pid) else { return nil }
        return KernelFile.namespace("/proc/1/ns/\(kind.file)")
    }
}

extension NamespaceKind {
    /// Its name in `/proc/PID/ns`.
    fileprivate var file: String {
        switch self {
        case .uts: "uts"
        case .ipc: "ipc"
        case .mount: "mnt"
        case .pid: "pid"
        case .pidForChildren: "pid_for_children"
        case .network: "net"
        case .time: "time"
        case .timeForChildren: "time_for_children"
        case .cgroup: "cgroup"
        case .user: "user"
        }
    }
}
