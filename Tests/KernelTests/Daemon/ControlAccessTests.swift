import Foundation
import Glibc
import Testing

extension Kernel {
    /// Who may ask a daemon; other users are made with setpriv, from numbers that nobody has.
    @Suite struct ControlAccessTests {
        private func user(_ uid: Int, groups: String) -> [String] {
            ["setpriv", "--reuid", "\(uid)", "--regid", "\(uid)", "--groups", groups]
        }

        @Test func `Members of the reading group may read, and change nothing`() throws {
            let daemon = try DaemonRun("event: [exec]\nread-group: 4711\n")
            let member = user(4801, groups: "4900,4711")
            #expect(try daemon.ask("status", through: member).code == 0)
            #expect(try daemon.ask("trace", ["--duration", "1"], through: member).code == 0)
            let refused = try daemon.ask("reload", through: member)
            #expect(refused.code == 77)
            #expect(
                refused.errors.contains(
                    "user 4801 may not change anything here: only root and the agent's own user may"
                )
            )
            #expect(daemon.child.errors.contains("user 4801 may not call Reload"))
        }

        @Test func `Members of the changing group may change, when they can reach the socket`() throws {
            let daemon = try DaemonRun("event: [exec]\nread-group: 4711\nchange-group: 4712\n")
            #expect(try daemon.ask("reload", through: user(4801, groups: "4711,4712")).code == 0)
            let refused = try daemon.ask("reload", through: user(4801, groups: "4711"))
            #expect(refused.code == 77)
            #expect(refused.errors.contains("it would have to be in group 4712"))
            #expect(try daemon.ask("status", through: user(4801, groups: "4712")).code == 77)
        }

        @Test func `Others cannot even connect`() throws {
            let daemon = try DaemonRun("event: [exec]\nread-group: 4711\n")
            let outcome = try daemon.ask("status", through: user(4801, groups: "4800"))
            #expect(outcome.code == 77)
            #expect(
                outcome.errors.contains("may not connect to \(daemon.socket): run as root, or as a member of its group")
            )
        }

        @Test func `Who gets in through a socket that is open to all is refused by the daemon itself`() throws {
            let daemon = try DaemonRun("event: [exec]\nread-group: 4711\n")
            chmod(daemon.socket, 0o666)
            for command in ["status", "trace", "reload"] {
                let outcome = try daemon.ask(command, through: user(4801, groups: "4800"))
                #expect(outcome.code == 77)
                #expect(outcome.errors.contains("user 4801 may not "), "\(outcome.errors)")
            }
        }

        /// The inodes of a process' sockets.
        private func sockets(of pid: pid_t) throws -> Set<String> {
            let folder = "/proc/\(pid)/fd/"
            let links = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: folder + $0)
            }
            return Set(links.filter { $0.hasPrefix("socket:[") }.map { String($0.dropFirst(8).dropLast()) })
        }

        @Test func `Nothing listens but the control socket`() throws {
            let daemon = try DaemonRun("event: [exec]\n")
            // What a test before left open in this process, its children have as well.
            let inodes = try sockets(of: daemon.child.pid).subtracting(sockets(of: getpid()))
            #expect(!inodes.isEmpty)
            for table in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"] {
                for line in Machine.contents("/proc/\(daemon.child.pid)/net/\(table)").split(separator: "\n") {
                    let words = line.split(separator: " ")
                    #expect(words.count < 10 || !inodes.contains(String(words[9])), "\(table): \(line)")
                }
            }
        }

        @Test func `Who fills all places of connections leaves those of root`() throws {
            let daemon = try DaemonRun("event: [exec]\nread-group: 4711\n")
            let greedy = try Child(
                user(4801, groups: "4711") + [
                    "/usr/bin/perl", "-MSocket", "-e",
                    """
                    $| = 1;
                    for (1..300) {
                        socket(my $one, AF_UNIX, SOCK_STREAM, 0);
                        connect($one, pack_sockaddr_un($ARGV[0]));
                        push @held, $one;
                    }
                    print "held\\n";
                    sleep 60;
                    """, daemon.socket,
                ]
            )
            #expect(eventually(within: 30) { greedy.output.contains("held") })
            #expect(try daemon.ask("status").code == 0)
            #expect(try daemon.ask("status", through: user(4802, groups: "4711")).code == 0)
            greedy.signal(SIGKILL)
            _ = try greedy.wait(seconds: 10)
        }

        @Test func `A socket that somebody puts in the place of ours is not given away`() throws {
            let folder = try TemporaryFolder()
            try "secret".write(toFile: folder("victim"), atomically: true, encoding: .utf8)
            link(folder("victim"), folder("martlet.sock.lock"))
            let outcome = try Child([
                try Products.martlet(), "daemon", "--socket", folder("martlet.sock"), "--sink", "none", "--run-as",
                "4801",
            ]).wait(seconds: 60)
            #expect(outcome.code == 1)
            #expect(
                outcome.errors.contains("\(folder("martlet.sock.lock")) is not what was made there"),
                "\(outcome.errors)"
            )
            #expect(Machine.contents(folder("victim")) == "secret")
        }
    }
}
