import Foundation
import Glibc

/// A process that ends when this one does, in whatever way: a shell beside it waits for the end of a socket.
final class Keeper {
    private let shell: pid_t
    private let end: Int32

    /// Starts a program with its output in `log` in a folder, which goes when the program ends with this process.
    init(_ arguments: [String], _ folder: String) throws {
        var ends: [Int32] = [0, 0]
        // Not a pipe, which is first made and then closed to children: one that starts in between would keep it open.
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw PostgresServer.Failure(description: "socketpair: \(errno)")
        }
        defer { close(ends[0]) }
        // The shell is told which signal; it gets none where we ended without telling it.
        let script = """
            folder=$1
            shift
            "$@" < /dev/null & server=$!
            read -r signal
            kill -"${signal:-QUIT}" $server
            wait $server
            [ -n "$signal" ] || rm -rf "$folder"
            """
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder + "/log", O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        shell = try Spawn.start(["/bin/bash", "-c", script, "keeper", folder] + arguments, &actions)
        end = ends[1]
    }

    deinit { stop(SIGQUIT) }

    private var isStopped = false

    /// Ends it by a signal; returns when it has ended.
    func stop(_ signal: Int32) {
        guard !isStopped else { return }
        isStopped = true
        let line = "\(signal)\n"
        _ = write(end, line, line.utf8.count)
        close(end)
        var status: Int32 = 0
        waitpid(shell, &status, 0)
    }
}

/// Starts processes.
enum Spawn {
    /// Starts a program in an environment; its pid.
    static func start(
        _ arguments: [String],
        _ actions: inout posix_spawn_file_actions_t,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> pid_t {
        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var pid: pid_t = 0
        let error = posix_spawnp(&pid, arguments[0], &actions, nil, &words, &variables)
        guard error == 0 else {
            throw PostgresServer.Failure(description: "\(arguments[0]): \(String(cString: strerror(error)))")
        }
        return pid
    }
}
