import Foundation
import Glibc
import Testing

/// The whole agent on real events, killed again and again: by name among the tests that nothing runs beside.
@Suite(
    .serialized,
    .enabled(if: PostgresServer.isInstalled, "needs PostgreSQL in /usr/lib/postgresql"),
    .enabled(if: geteuid() == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0, "needs root and a kernel with BTF"),
    .timeLimit(.minutes(Sending.isSoak ? 30 : 4))
)
struct PostgresKernelTests {
    private let database: Database
    private let folder: String

    init() throws {
        database = try PostgresServer.shared.get().makeDatabase()
        var template = Array("/tmp/martlet-chaos-XXXXXX".utf8CString)
        mkdtemp(&template)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func run(_ arguments: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        return try Spawn.start(arguments, &actions)
    }

    private func agent(_ options: [String], _ other: Database? = nil) throws -> pid_t {
        try run(
            [
                try Products.find("martlet"), "run", "-v", "--sink", "postgres:" + (other ?? database).conninfo,
                "--spool-dir",
                folder + "/spool",
            ] + options
        )
    }

    /// How many agents have begun to watch.
    private var begun: Int {
        let log = String(decoding: FileManager.default.contents(atPath: folder + "/log") ?? Data(), as: UTF8.self)
        return log.split(separator: "\n").filter { $0.contains("martlet: watching ") }.count
    }

    private func end(_ pid: pid_t, _ signal: Int32) -> Int32 {
        kill(pid, signal)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return status
    }

    /// The kernel numbers all that it tells, on each CPU. What an agent delivered before it was killed must be all up to some
    /// number, each once; what comes behind it was in memory, and of that the loss events tell.
    @Test func anAgentThatIsKilledUnderLoadLeavesNoHoles() throws {
        let load = try run(["/bin/sh", "-c", "while :; do cat /etc/hostname; done"])
        let rounds = Sending.isSoak ? 50 : 4
        for round in 1...rounds {
            let pid = try agent(["--event", "all"])
            #expect(eventually { begun >= round })
            usleep(UInt32.random(in: 1000...900_000))
            _ = end(pid, SIGKILL)
        }
        let last = try agent(["--event", "all"])
        #expect(eventually { begun > rounds })
        usleep(500_000)
        _ = end(load, SIGKILL)
        #expect(end(last, SIGTERM) == 0)
        let rows = try database.query(
            """
            SELECT agent_start, cpu, count(*), count(DISTINCT sequence), min(sequence), max(sequence),
                count(*) FILTER (WHERE late) FROM martlet.events
            WHERE kind NOT IN ('loss', 'snapshot', 'container') AND sequence > 0 GROUP BY 1, 2
            """
        ).split(separator: "\n").map { $0.split(separator: "|").compactMap { Int($0) } }
        #expect(Set(rows.map { $0[0] }).count > rounds / 2)
        for row in rows {
            let (count, distinct, first, last, late) = (row[2], row[3], row[4], row[5], row[6])
            #expect(count == distinct && first == 1, "\(row)")
            // One that came late was still to come when the end came.
            #expect(last - count <= late, "\(row)")
        }
    }

    @Test func aDatabaseThatIsAwayCostsAFileBesideItNothing() throws {
        let server = try PostgresServer()
        let away = try server.makeDatabase()
        server.stop(SIGINT)
        let file = folder + "/events"
        let pid = try run(
            [
                try Products.find("martlet"), "run", "-v", "--event", "open", "--path", folder, "-o", "json", "--sink",
                "file:" + file, "--sink", "postgres:" + away.conninfo, "--spool-dir", folder + "/spool",
            ]
        )
        #expect(eventually { begun >= 1 })
        for number in 0..<23 { close(open("\(folder)/n\(number)", O_RDONLY | O_CREAT | O_CLOEXEC, 0o600)) }
        let opened = {
            let text = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
            return text.split(separator: "\n").filter { $0.contains(folder + "/n") }.count
        }
        #expect(eventually { opened() == 23 })
        #expect(end(pid, SIGTERM) == 0)
        let log = String(decoding: FileManager.default.contents(atPath: folder + "/log") ?? Data(), as: UTF8.self)
        #expect(log.contains("cannot connect to PostgreSQL"))
        let books = log.split(separator: "\n").first {
            $0.hasPrefix("postgres:host=") && $0.contains(": 0 written, 0 lost, ")
        }
        #expect(books?.hasSuffix(" waiting in the spool") == true, "\(log)")
        // Another database does not get them, and is told that they are there.
        let other = try agent(["--event", "exec", "--duration", "1"])
        #expect(eventually { begun >= 2 })
        _ = try finish(run(["/bin/true"]))
        #expect(finish(other) == 0)
        let said = String(decoding: FileManager.default.contents(atPath: folder + "/log") ?? Data(), as: UTF8.self)
        #expect(said.contains("events wait there for an output that is not named any more"))
        try server.start()
        _ = try finish(agent(["--event", "exec", "--duration", "2"], away))
        #expect(try away.query("SELECT count(*) FROM martlet.events WHERE path LIKE '\(folder)/n%'") == "23")
        #expect(try database.query("SELECT count(*) FROM martlet.events WHERE path LIKE '\(folder)/n%'") == "0")
    }

    private func finish(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return status
    }

    /// tcp-audit's users: its tables, its exit status.
    @Test func twelveTransitionsLieInTheTablesOfTCPAudit() throws {
        let pid = try agent(["--event", "tcp", "--compat", "tcp-audit"])
        #expect(eventually { begun >= 1 })
        let port = try connectOnce()
        #expect(eventually { (try? count(port)) == 12 })
        var status = end(pid, SIGTERM)
        #expect(status >> 8 & 0xff == 128 + SIGTERM)
        let states = try database.query(
            """
            SELECT old_state || ' ' || new_state || ' ' || (i.uid IS NOT NULL) FROM tcp_events e
            LEFT JOIN tcp_events_socket_info i ON i.tcp_event_uid = e.uid
            WHERE src_port = \(port) OR dst_port = \(port) ORDER BY timestamp, e.ctid
            """
        ).split(separator: "\n").map(String.init)
        #expect(states.count == 12)
        #expect(
            states.map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == [
                "CLOSED LISTEN", "CLOSED SYN-SENT", "SYN-SENT ESTABLISHED", "LISTEN SYN-RECEIVED",
                "SYN-RECEIVED ESTABLISHED", "ESTABLISHED FIN-WAIT-1", "ESTABLISHED CLOSE-WAIT", "CLOSE-WAIT LAST-ACK",
                "FIN-WAIT-1 FIN-WAIT-2", "FIN-WAIT-2 CLOSED", "LAST-ACK CLOSED", "LISTEN CLOSED",
            ]
        )
        // Again, into tables that are there already.
        let next = try agent(["--event", "tcp", "--compat", "tcp-audit"])
        #expect(eventually { begun >= 2 })
        let second = try connectOnce()
        #expect(eventually { (try? count(second)) == 12 })
        status = end(next, SIGINT)
        #expect(status >> 8 & 0xff == 128 + SIGINT)
    }

    private func count(_ port: UInt16) throws -> Int? {
        Int(try database.query("SELECT count(*) FROM tcp_events WHERE src_port = \(port) OR dst_port = \(port)"))
    }

    /// A server and a client in one process: a byte, then the client closes, the server, and the listener. Its port.
    private func connectOnce() throws -> UInt16 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let listener = socket(AF_INET, type, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: sockaddr.self)
            try #require(bind(listener, pointer, size) == 0)
            try #require(listen(listener, 1) == 0)
            getsockname(listener, pointer, &size)
        }
        let client = socket(AF_INET, type, 0)
        let result = withUnsafeBytes(of: address) {
            connect(client, $0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: sockaddr.self), size)
        }
        try #require(result == 0)
        let server = accept(listener, nil, nil)
        _ = send(client, "x", 1, 0)
        var byte: UInt8 = 0
        _ = recv(server, &byte, 1, 0)
        close(client)
        usleep(20000)
        close(server)
        usleep(20000)
        close(listener)
        return UInt16(bigEndian: address.sin_port)
    }
}
