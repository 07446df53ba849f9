import CLinux
import Glibc

/// A unix socket that listens, and the lock that makes its owner the only one.
///
/// The lock is a file beside it, `PATH.lock`, which stays: to remove it would let two processes have one each. Whoever holds
/// the lock knows that a socket at the path is one that its owner left behind.
package struct UnixListener: ~Copyable {
    package let path: String
    /// Listens; does not block. Whoever takes it closes it.
    package let descriptor: Int32
    /// Bytes: `sun_path` and its end.
    package static let longestPath = 107
    private let lock: Int32
    private let inode: UInt64

    /// - Parameters:
    ///   - owner: whose it is; nil: this process' user's.
    ///   - group: whose members can connect; nil: only the owner, and root.
    package init(path: String, owner: UInt32? = nil, group: UInt32? = nil) throws(ListenerFailure) {
        (lock, descriptor) = try Self.open(path, owner, group)
        self.path = path
        var information = stat()
        inode = lstat(path, &information) == 0 ? UInt64(information.st_ino) : 0
    }

    private static func open(
        _ path: String,
        _ owner: UInt32?,
        _ group: UInt32?
    ) throws(ListenerFailure) -> (Int32, Int32) {
        let lock = try takeLock(path, owner)
        do throws(ListenerFailure) {
            try removeStale(path)
            return (lock, try listen(path, owner, group))
        } catch {
            close(lock)
            throw error
        }
    }

    deinit {
        remove()
        close(lock)
    }

    /// Nobody finds it any more; who has connected stays.
    func remove() {
        // Somebody may have put another there.
        var information = stat()
        if lstat(path, &information) == 0, UInt64(information.st_ino) == inode { unlink(path) }
    }

    private static func takeLock(_ path: String, _ owner: UInt32?) throws(ListenerFailure) -> Int32 {
        let name = path + ".lock"
        let lock = Glibc.open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard lock >= 0 else { throw .system("cannot open the lock \(name)", errno) }
        // Whoever may write in the folder must not have us change a file that lies elsewhere.
        var information = stat()
        let isOurs =
            fstat(lock, &information) == 0 && information.st_mode & S_IFMT == S_IFREG && information.st_nlink == 1
            && [geteuid(), owner].contains(information.st_uid)
        guard isOurs, owner.map({ fchown(lock, $0, .max) == 0 || $0 == information.st_uid }) ?? true else {
            close(lock)
            throw .notOurs(name)
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            var text = [UInt8](repeating: 0, count: 16)
            let count = pread(lock, &text, text.count, 0)
            close(lock)
            guard error == EWOULDBLOCK else { throw .system("cannot lock \(name)", error) }
            throw .taken(path, pid: Int(String(decoding: text.prefix(max(0, count)), as: UTF8.self)))
        }
        let pid = "\(getpid())"
        ftruncate(lock, 0)
        _ = pid.withCString { pwrite(lock, $0, strlen($0), 0) }
        return lock
    }

    private static func removeStale(_ path: String) throws(ListenerFailure) {
        var information = stat()
        guard lstat(path, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
        guard unlink(path) == 0 else { throw .system("cannot remove the stale socket \(path)", errno) }
    }

    /// Changes whose the socket is: the one that was made here, and not what somebody put in its place meanwhile.
    private static func give(_ path: String, to owner: UInt32?, _ group: UInt32?) throws(ListenerFailure) {
        guard owner != nil || group != nil else { return }
        let file = Glibc.open(path, CLINUX_O_PATH | O_NOFOLLOW | O_CLOEXEC)
        defer { if file >= 0 { close(file) } }
        var information = stat()
        let isOurs =
            file >= 0 && fstat(file, &information) == 0 && information.st_mode & S_IFMT == S_IFSOCK
            && information.st_uid == geteuid() && information.st_nlink == 1
        guard isOurs else { throw .notOurs(path) }
        // A descriptor without access is changed by its place in /proc alone (open(2), O_PATH).
        let place = "/proc/self/fd/\(file)"
        guard chown(place, owner ?? .max, group ?? .max) == 0, group == nil || chmod(place, 0o660) == 0 else {
            throw group.map { .group(path, $0, errno) } ?? .system("cannot give \(path) to its user", errno)
        }
    }

    private static func listen(
        _ path: String,
        _ owner: UInt32?,
        _ group: UInt32?
    ) throws(ListenerFailure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room, !path.isEmpty, !path.utf8.contains(0) else { throw .path(path, limit: room - 1) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { throw .system("cannot make a socket for \(path)", errno) }
        // The file that bind makes gets the mode of the socket (unix_bind_bsd in net/unix/af_unix.c): nobody but its owner
        // comes near before its group is right. A umask would be that of all threads.
        fchmod(descriptor, 0o600)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        let error = errno
        do throws(ListenerFailure) {
            guard bound == 0 else { throw .system("cannot listen on \(path)", error) }
            try give(path, to: owner, group)
            guard Glibc.listen(descriptor, 64) == 0 else { throw .system("cannot listen on \(path)", errno) }
        } catch {
            close(descriptor)
            if bound == 0 { unlink(path) }
            throw error
        }
        return descriptor
    }
}

/// Why nothing can listen there.
package enum ListenerFailure: Error, Equatable, CustomStringConvertible {
    case taken(String, pid: Int?)
    case notASocket(String)
    case notOurs(String)
    case group(String, UInt32, Int32)
    case path(String, limit: Int)
    case system(String, Int32)

    package var description: String {
        switch self {
        case .taken(let path, let pid):
            "another martlet\(pid.map { ", pid \($0)," } ?? "") listens on \(path): end it, or choose another socket"
        case .notASocket(let path): "\(path) is there and is no socket: remove it, or choose another path"
        case .notOurs(let path):
            "\(path) is not what was made there: somebody else writes in its folder; choose another"
        case .group(let path, let group, EPERM):
            "\(path) cannot be given to group \(group): who is not root gives only to groups of its own; "
                + "SupplementaryGroups=\(group) in the unit makes it one"
        case .group(let path, let group, let error):
            "cannot give \(path) to group \(group): \(String(cString: strerror(error)))"
        case .path(let path, let limit): "\(path): a socket's path has 1 to \(limit) bytes"
        case .system(let what, ENOENT):
            "\(what): its folder is missing; make it, or let systemd (RuntimeDirectory=martlet)"
        case .system(let what, let error): "\(what): \(String(cString: strerror(error)))"
        }
    }
}
