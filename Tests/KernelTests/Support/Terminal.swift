import Foundation
import Glibc

/// A program on a terminal of its own, with somebody typing.
final class Terminal {
    let pid: pid_t
    private let descriptor: Int32
    private(set) var screen: [UInt8] = []
    private var ended = false

    /// What the program's prompt is: programs that have none of their own print it by PS1.
    static let prompt = "READY>"

    init(_ arguments: [String], environment more: [String: String] = [:]) throws {
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        // unlockpt and ptsname, which Swift does not see
        var (lock, number): (Int32, UInt32) = (0, 0)
        guard descriptor >= 0, ioctl(descriptor, 0x4004_5431, &lock) == 0, ioctl(descriptor, 0x8004_5430, &number) == 0
        else { throw Child.Failure(description: "no terminal: \(String(cString: strerror(errno)))") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first one that a session's leader opens is its controlling terminal.
        for stream in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/pts/\(number)", O_RDWR, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | newSession)
        var environment = [
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "TERM": "dumb", "LC_ALL": "C", "PS1": Self.prompt,
            "HOME": "/nonexistent",
        ]
        environment.merge(more) { $1 }
        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var pid: pid_t = 0
        let error = posix_spawnp(&pid, arguments[0], &actions, &attributes, &words, &variables)
        guard error == 0 else { throw Child.Failure(description: "\(arguments): \(String(cString: strerror(error)))") }
        self.pid = pid
    }

    deinit {
        if !ended {
            kill(pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
        close(descriptor)
    }

    /// Takes in what the program has printed so far.
    private func takeIn() {
        var bytes = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { return }
            screen += bytes[..<count]
        }
    }

    /// How often a text stands on the screen.
    private func count(_ text: String) -> Int {
        takeIn()
        return String(decoding: screen, as: UTF8.self).components(separatedBy: text).count - 1
    }

    /// Waits until a text has been printed so many times in all.
    func wait(for text: String = prompt, times: Int = 1) throws {
        guard eventually(within: Machine.scale == 1 ? 20 : 120, { count(text) >= times }) else {
            throw Child.Failure(
                description:
                    "no \(times) × '\(text)' on the screen: \(String(decoding: screen.suffix(500), as: UTF8.self))"
            )
        }
    }

    /// Types bytes.
    func type(_ bytes: some Collection<UInt8>) throws {
        var rest = Array(bytes)[...]
        let done = eventually(within: Machine.scale == 1 ? 20 : 120) {
            takeIn()
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, min($0.count, 512)) }
            if count > 0 { rest = rest.dropFirst(count) }
            return rest.isEmpty
        }
        if !done { throw Child.Failure(description: "the terminal takes nothing in") }
    }

    /// Types a line and Enter.
    func type(line: String) throws { try type(Array(line.utf8) + [10]) }

    /// Ends the input and waits for the program's end.
    func end() throws {
        try type([4])
        var status: Int32 = 0
        ended = eventually(within: Machine.scale == 1 ? 20 : 120) {
            takeIn()
            return waitpid(pid, &status, WNOHANG) == pid
        }
        if !ended { throw Child.Failure(description: "the program does not end at the end of its input") }
    }
}
