import CLinux
import Glibc

/// Makes happen what hooks watch, so that one that never runs is found out.
package enum Provocation {
    /// What an observation has to see. A child does it: of its own process the agent sees nothing.
    package static func run(for observation: Observation) {
        switch observation {
        case .fork: clinux_fork_twice()
        case .exec, .exit, .open: spawn("/proc/self/exe", ["martlet", "--version"])
        case .execFailed: spawn("/proc/self/exe/no-such-program", ["martlet"])
        case .tcp: clinux_connect_to_itself()
        case .tcpDrop: clinux_connect_to_nobody()
        case .breakout: clinux_break_out()
        case .shell: typeIntoShell()
        }
    }

    /// Whether this process can make it happen; asked when nothing was seen.
    static func isPossible(for observation: Observation) -> Bool {
        switch observation {
        case .shell: access(shell, X_OK) == 0
        // Namespaces are root's to make.
        case .breakout: geteuid() == 0
        default: true
        }
    }

    /// The distribution's.
    static let shell = "/bin/bash"

    /// Types a line that does nothing. No file of the user's is read or written.
    private static func typeIntoShell() {
        spawn(
            shell,
            ["bash", "--norc", "--noprofile", "-i"],
            input: ":\n"
        )
    }

    /// Without a terminal of its own: a shell that is asked to be interactive would take ours.
    private static func spawn(
        _ path: String,
        _ arguments: [String],
        input: String = ""
    ) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        // So little never waits for a reader.
        _ = write(ends[1], input, input.utf8.count)
        close(ends[1])
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(CLINUX_SPAWN_SETSID))
        let words = CStrings(arguments)
        // The shell's: no history, no settings of its user's.
        let variables = CStrings(["HISTFILE=", "HISTSIZE=0", "INPUTRC=/dev/null", "TERM=dumb"])
        var child: pid_t = 0
        guard posix_spawn(&child, path, &actions, &attributes, words.list, variables.list) == 0 else {
            return
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
    }

    /// What execve takes: strings, and NULL behind them.
    private final class CStrings {
        let list: [UnsafeMutablePointer<CChar>?]

        init(_ strings: [String]) { list = strings.map { strdup($0) } + [nil] }

        deinit { for string in list { free(string) } }
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
