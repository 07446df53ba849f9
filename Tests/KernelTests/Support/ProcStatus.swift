import Foundation
import Glibc

/// What /proc says of a process that is there.
struct ProcStatus {
    private let lines: [String: String]
    /// Name below /proc/PID/ns, and inode number.
    let namespaces: [(name: String, inode: Int)]
    let loginuid: Int?

    init(_ pid: pid_t) throws { try self.init(task: pid, of: pid) }

    /// Of one thread.
    init(task: pid_t, of pid: pid_t) throws {
        var lines: [String: String] = [:]
        for line in Machine.contents("/proc/\(pid)/task/\(task)/status").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { lines[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        self.lines = lines
        loginuid = Int(Machine.contents("/proc/\(pid)/loginuid"))
        namespaces = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/ns").compactMap { name in
            // of processes that have not begun one for children, these are not there
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/\(name)"),
                let inode = target.split(separator: "[").last.flatMap({ Int($0.dropLast()) })
            else { return nil }
            return (name, inode)
        }
    }

    func text(_ name: String) -> String? { lines[name] }

    func number(_ name: String) -> Int? { lines[name].flatMap { Int($0) } }

    func numbers(_ name: String) -> [Int?] { (lines[name] ?? "").split(separator: "\t").map { Int($0) } }

    func mask(_ name: String) -> UInt64? { lines[name].flatMap { UInt64($0, radix: 16) } }
}

/// Capabilities by name and by bit.
enum Capabilities {
    private static let names = """
        CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE \
        NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT \
        SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP \
        MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
        """.split(separator: " ").map { "CAP_\($0)" }

    static func mask(_ list: [String]) -> UInt64 {
        list.reduce(0) { mask, name in names.firstIndex(of: name).map { mask | 1 << UInt64($0) } ?? .max }
    }
}
