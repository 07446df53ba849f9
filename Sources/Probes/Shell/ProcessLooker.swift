import CPrivileges
import Glibc

/// A process of its own that may look into others: it opens what they execute and map, as far as that can be a shell.
///
/// It ends with this object, or with the process that holds it. Belongs to one thread at a time.
package final class ProcessLooker: Sendable {
    private let socket: Int32
    /// Its number, as this process' pid namespace has it.
    let pid: pid_t

    /// What the names of files begin with that it opens by their names.
    private static let names = ["bash", "libreadline.so"]

    /// Forks the process, which becomes this user: best before there is a second thread. Nil when that does not work.
    package init?(uid: UInt32, gid: UInt32) {
        let names = Self.names.map { strdup($0) }
        defer { for name in names { free(name) } }
        var pid: pid_t = 0
        socket = names.map { UnsafePointer($0) }.withUnsafeBufferPointer {
            cprivileges_looker_start($0.baseAddress, $0.count, uid, gid, &pid)
        }
        self.pid = pid
        if socket < 0 { return nil }
    }

    deinit { if socket >= 0 { close(socket) } }

    /// What a process executes.
    func executable(of tgid: UInt32) -> Int32 { open(CPRIVILEGES_LOOK_EXE, tgid, "") }

    /// The text of its mappings.
    func maps(of tgid: UInt32) -> Int32 { open(CPRIVILEGES_LOOK_MAPS, tgid, "") }

    /// A file that it has mapped, by the name below /proc/PID/map_files.
    func mapped(_ range: String, of tgid: UInt32) -> Int32 { open(CPRIVILEGES_LOOK_MAPPED, tgid, range) }

    /// A file by its path below the root of the process; links may lead to it, but its own name counts as well.
    package func file(_ path: String, inRootOf tgid: UInt32) -> Int32 { open(CPRIVILEGES_LOOK_ROOT, tgid, path) }

    /// The number of its mount namespace.
    func mountNamespace(of tgid: UInt32) -> UInt64? {
        var number: UInt64 = 0
        let result = cprivileges_looker_open(socket, CPRIVILEGES_LOOK_MOUNTS.rawValue, tgid, "", &number)
        return result == 0 ? number : nil
    }

    /// A descriptor, or minus an error number.
    private func open(_ what: cprivileges_look, _ tgid: UInt32, _ path: String) -> Int32 {
        var number: UInt64 = 0
        return cprivileges_looker_open(socket, what.rawValue, tgid, path, &number)
    }
}
