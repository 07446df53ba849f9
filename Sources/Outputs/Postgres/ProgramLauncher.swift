import CPrivileges
import Glibc

/// Starts a program, and hands over a socket to it.
package protocol ProgramLaunching: AnyObject, Sendable {
    /// Our end of a stream socket whose other end the program has as descriptor 3; what was started before is killed.
    func launch() throws(LaunchFailure) -> Int32
}

/// Why a program did not start.
package struct LaunchFailure: Error, Equatable, Sendable {
    package let path: String
    package let errno: Int32

    package init(path: String, errno: Int32) {
        self.path = path
        self.errno = errno
    }
}

/// Starts one program for an agent that may execute none itself: by a process that was forked while it still might.
package final class ProgramLauncher: ProgramLaunching {
    private let path: String
    private let socket: Int32

    /// Forks the process, which becomes a user without any capability: best while there is one thread.
    package init(_ path: String, _ arguments: [String] = [], uid: UInt32, gid: UInt32) throws(LaunchFailure) {
        self.path = path
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        socket = cprivileges_launcher_start(path, &words, uid, gid)
        if socket < 0 { throw LaunchFailure(path: path, errno: -socket) }
    }

    deinit { close(socket) }

    package func launch() throws(LaunchFailure) -> Int32 {
        let descriptor = cprivileges_launcher_launch(socket)
        if descriptor < 0 { throw LaunchFailure(path: path, errno: -descriptor) }
        return descriptor
    }

    /// Where a program of ours is: beside the one that runs, or where packages put it; the latter when it is nowhere.
    package static func find(_ name: String) -> String {
        let folders = [ownFolder, "/usr/libexec/martlet", "/usr/lib/martlet"].compactMap(\.self)
        let places = folders.map { $0 + "/" + name }
        return places.first { access($0, X_OK) == 0 } ?? "/usr/libexec/martlet/" + name
    }

    private static var ownFolder: String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: dirname(path))
    }
}
