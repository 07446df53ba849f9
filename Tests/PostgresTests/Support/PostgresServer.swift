import Foundation
import Glibc
import Testing

/// All tests on a real server. They run wherever PostgreSQL is installed.
@Suite(
    .enabled(if: PostgresServer.isInstalled, "needs PostgreSQL in /usr/lib/postgresql"),
    .timeLimit(.minutes(Sending.isSoak ? 30 : 4))
)
enum Postgres {}

/// A server of the tests' own in a temporary folder, which is gone with this process however that ends.
final class PostgresServer: @unchecked Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static var isInstalled: Bool { FileManager.default.fileExists(atPath: "/usr/lib/postgresql") }

    /// The one that tests share which do it no harm. Role `secret` needs a password there.
    static let shared = Result { try PostgresServer() }

    let folder: String
    private var process: Keeper?
    private let lock = NSLock()
    private var databases = 0
    private let settings: [String]
    /// It is in the name of the unix socket.
    private let port: String

    /// Makes and starts a server with these settings.
    init(_ settings: [String: String] = [:], prepare: (String) throws -> Void = { _ in }) throws {
        folder = try Self.makeFolder()
        port = settings["port"] ?? "5432"
        self.settings =
            ["unix_socket_directories=\(folder)", "listen_addresses=", "fsync=off"]
            + settings.map { "\($0.key)=\($0.value)" }
        try Self.run(
            Self.asServer + [Self.tool("initdb"), "-D", folder + "/data", "-U", "postgres", "-A", "trust", "-N"]
        )
        let rules = "local all secret scram-sha-256\nlocal all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        try Data(rules.utf8).write(to: URL(filePath: folder + "/data/pg_hba.conf"))
        try prepare(folder)
        try start()
        try query("CREATE ROLE secret LOGIN SUPERUSER PASSWORD 'p@ss:/w'")
    }

    deinit {
        process = nil
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts it; returns when it takes connections.
    func start() throws {
        let options = settings.flatMap { ["-c", $0] }
        let command = Self.asServer + [Self.tool("postgres"), "-D", folder + "/data"] + options
        // After a SIGKILL the old one's backends live on for a moment, and a new one refuses to start beside them.
        var isUp = false
        for _ in 0..<12 where !isUp {
            process = try Keeper(command, folder)
            isUp = try eventually(within: 5) { try probe() == 0 }
            // It rejects connections while it recovers: then it only takes longer.
            if !isUp, try probe() == 1 { isUp = try eventually { try probe() == 0 } }
        }
        guard isUp else {
            let log = FileManager.default.contents(atPath: folder + "/log") ?? Data()
            throw Failure(description: "the server does not start: \(String(decoding: log, as: UTF8.self))")
        }
    }

    /// What pg_isready says: 0 for a server that takes connections, 1 for one that rejects them.
    private func probe() throws -> Int32 {
        try Self.attempt([Self.tool("pg_isready"), "-q", "-h", folder, "-p", port]).status
    }

    /// Ends it: SIGQUIT and SIGKILL as a crash would, SIGINT in order.
    func stop(_ signal: Int32) {
        process?.stop(signal)
        process = nil
    }

    /// A new database; a connection string for it.
    func makeDatabase(_ options: String = "") throws -> Database {
        let name = lock.withLock {
            databases += 1
            return "d\(databases)"
        }
        try query("CREATE DATABASE \(name) \(options)")
        return Database(server: self, name: name)
    }

    /// What psql prints, without headings; columns are separated by |.
    @discardableResult
    func query(_ sql: String, database: String = "postgres", user: String = "postgres") throws -> String {
        let arguments = [
            "-h", folder, "-p", port, "-U", user, "-d", database, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql,
        ]
        return try Self.run([Self.tool("psql")] + arguments)
    }

    /// The process that serves a database's agent.
    func backend(_ database: Database) throws -> pid_t? {
        pid_t(
            try query(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'martlet' AND datname = '\(database.name)'"
            )
        )
    }

    private static func makeFolder() throws -> String {
        var template = Array("/tmp/martlet-pg-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "mkdtemp: \(errno)") }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(folder, 0o755)
        if geteuid() == 0, let user = getpwnam("postgres") { chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) }
        return folder
    }

    /// It refuses to run as root.
    static let asServer =
        geteuid() == 0
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "env", "-C", "/", "LC_ALL=C"]
        : ["env", "-C", "/", "LC_ALL=C"]

    static func tool(_ name: String) -> String {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return "/usr/lib/postgresql/\(versions.max { Int($0) ?? 0 < Int($1) ?? 0 } ?? "")/bin/\(name)"
    }

    /// Runs a program to its end; what it printed.
    @discardableResult
    static func run(_ arguments: [String]) throws -> String {
        let (status, output) = try attempt(arguments)
        guard status == 0 else { throw Failure(description: "\(arguments.joined(separator: " ")): \(output)") }
        return output
    }

    private static func attempt(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}

/// A database of a test's own.
struct Database: Sendable {
    let server: PostgresServer
    let name: String

    /// As libpq takes it.
    var conninfo: String { "host=\(server.folder) user=postgres dbname=\(name)" }

    @discardableResult
    func query(_ sql: String) throws -> String { try server.query(sql, database: name) }

    /// How many rows a table has.
    func count(_ table: String) throws -> Int { Int(try query("SELECT count(*) FROM \(table)")) ?? -1 }
}

/// Waits until `condition` holds; false when it does not within `seconds`.
func eventually(within seconds: Double = 60, _ condition: () throws -> Bool) rethrows -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    while try !condition() {
        if clock.now > deadline { return false }
        usleep(20000)
    }
    return true
}
