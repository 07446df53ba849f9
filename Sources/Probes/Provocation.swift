import CLinux
import Glibc

/// Makes happen what hooks watch, so that one that never runs is found out.
package enum Provocation {
    /// What each observation of processes and files has to see: a process that forks, a program that starts, opens files
    /// and ends, another that does not start.
    package static func run() {
        clinux_fork_twice()
        spawn("/proc/self/exe")
        spawn("/proc/self/exe/no-such-program")
        listen()
    }

    /// A child is needed: of its own process the agent sees nothing.
    private static func spawn(_ path: String) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in STDIN_FILENO...STDERR_FILENO {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var arguments = [strdup("martlet"), strdup("--version"), nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        guard posix_spawn(&child, path, &actions, nil, &arguments, environ) == 0 else { return }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
    }

    /// A socket that changes its state; nobody can reach it.
    static func listen() {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) }
        }
        if bound == 0 { _ = Glibc.listen(socket, 1) }
    }
}
