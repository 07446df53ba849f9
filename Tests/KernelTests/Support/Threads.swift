import Foundation
import Glibc

/// What the kernel says of all threads of a process.
enum Threads {
    static func of(_ pid: pid_t) throws -> [ProcStatus] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").compactMap { Int32($0) }.map {
            try ProcStatus(task: $0, of: pid)
        }
    }
}

/// The processes that keep what an agent gave up.
enum HelperProcesses {
    /// Those that belong to the run that a process is: they have its command line, and no parent.
    static func named(_ name: String, like pid: pid_t) throws -> [pid_t] {
        let command = Machine.contents("/proc/\(pid)/cmdline")
        return try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter {
            Machine.contents("/proc/\($0)/comm") == "\(name)\n" && Machine.contents("/proc/\($0)/cmdline") == command
        }
    }
}
