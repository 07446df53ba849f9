import Foundation
import Glibc

/// An agent without a kernel that sends numbered events to a database, and the means to do it harm.
final class Sending {
    /// Whether there is time for many and long faults: `make soak`.
    static let isSoak = ProcessInfo.processInfo.environment["MARTLET_SOAK"] != nil

    let database: Database
    private let folder: String
    /// In the environment of all its processes, so that they can be told from others'.
    private let mark = "MARTLET_CHAOS=\(UUID().uuidString)"
    private var pid: pid_t?

    init(_ database: Database) throws {
        self.database = database
        var template = Array("/tmp/martlet-chaos-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PostgresServer.Failure(description: "mkdtemp: \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Has the spool lie on a file system of so many bytes; root alone may do that.
    func limitSpool(_ bytes: Int) throws {
        mkdir(folder + "/spool", 0o700)
        guard mount("none", folder + "/spool", "tmpfs", 0, "size=\(bytes),mode=700") == 0 else {
            throw PostgresServer.Failure(description: "mount: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        kill()
        umount2(folder + "/spool", Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts it, from where it was, up to a number.
    func start(until: Int, rate: Int) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PG") }
        let parts = mark.split(separator: "=")
        environment[String(parts[0])] = String(parts[1])
        pid = try Spawn.start(
            [
                try Products.find("sender"), folder + "/spool", database.conninfo, try Products.helper(),
                folder + "/counters", "\(until)", "\(rate)",
            ],
            &actions,
            environment: environment
        )
    }

    /// SIGKILL, to the agent alone: what it started has to find out by itself.
    func kill() {
        guard let pid else { return }
        Glibc.kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        self.pid = nil
    }

    /// Waits until it has ended by itself; what it printed.
    func finish(within seconds: Double = 120) throws -> String {
        guard let pid else { return "" }
        var status: Int32 = 0
        let hasEnded = eventually(within: seconds) { waitpid(pid, &status, WNOHANG) == pid }
        guard hasEnded else {
            throw PostgresServer.Failure(description: "the sender does not end: \(log.suffix(2000))")
        }
        self.pid = nil
        let out = FileManager.default.contents(atPath: folder + "/out") ?? Data()
        guard status == 0 else {
            throw PostgresServer.Failure(description: "the sender ended with \(status): \(log.suffix(2000))")
        }
        return String(decoding: out, as: UTF8.self)
    }

    var isRunning: Bool { pid.map { waitpid($0, nil, WNOHANG) == 0 } ?? false }

    var log: String { String(decoding: FileManager.default.contents(atPath: folder + "/log") ?? Data(), as: UTF8.self) }

    /// How many events it has begun to offer, and how many it has offered.
    var counters: (begun: Int, done: Int) {
        guard let data = FileManager.default.contents(atPath: folder + "/counters"), data.count >= 16 else {
            return (0, 0)
        }
        return data.withUnsafeBytes {
            (Int($0.load(as: UInt64.self)), Int($0.load(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    /// Ends its martlet-postgres by SIGKILL; false when there is none.
    @discardableResult
    func killHelper() -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for pid in names.compactMap(pid_t.init) {
            guard let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
                String(decoding: environment, as: UTF8.self).contains(mark),
                let comm = FileManager.default.contents(atPath: "/proc/\(pid)/comm"),
                String(decoding: comm, as: UTF8.self).hasPrefix("martlet-postgre"),
                // The launcher has the name of what it launches for a moment only.
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe"))?
                    .hasSuffix("/martlet-postgres") == true
            else { continue }
            return Glibc.kill(pid, SIGKILL) == 0
        }
        return false
    }

    /// What lies in the database.
    struct Account: CustomStringConvertible {
        var rows = 0
        var distinct = 0
        /// What loss events told of opens.
        var told = 0

        var description: String { "\(rows) rows, \(distinct) distinct, \(told) told as lost" }
    }

    func account() throws -> Account {
        let text = try database.query(
            """
            SELECT count(*) FILTER (WHERE kind = 'open'), count(DISTINCT path) FILTER (WHERE kind = 'open'),
                coalesce(sum((detail->>'count')::bigint) FILTER (WHERE kind = 'loss'), 0) FROM martlet.events
            """
        )
        let numbers = text.split(separator: "|").compactMap { Int($0) }
        return Account(rows: numbers[0], distinct: numbers[1], told: numbers[2])
    }
}
