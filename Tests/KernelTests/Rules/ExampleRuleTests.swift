import Foundation
import Glibc
import Testing

extension Event {
    /// The names of the rules that it matches.
    var rules: [String] { objects("rules").compactMap { $0["name"] as? String } }
    /// What the first of them says.
    var message: String? { objects("rules").first?["message"] as? String }
}

extension Kernel {
    /// Each rule of Examples/rules as it is, set off an exact number of times.
    @Suite struct ExampleRuleTests {
        static let examples = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Examples/rules").standardized.path

        /// Runs the agent with an example around a body; events that its rules match.
        private func run(_ name: String, _ kinds: String = "exec,exit", _ body: () throws -> Void) throws -> [Event] {
            let options = ["--rules", "\(Self.examples)/\(name).toml", "--no-container-names"]
            let result = try AgentRun.around(kinds, options, body)
            #expect(result.books.totalLost == 0)
            return result.events.filter { !$0.rules.isEmpty }
        }

        @Test func `Every example holds, without a warning`() throws {
            let outcome = try Child.run(try Products.martlet(), "rules", "check", Self.examples).outcome
            #expect(outcome.code == 0)
            #expect(outcome.output.hasSuffix("\nok: 8 rules hold\n"), "\(outcome.output)")
            #expect(!outcome.errors.contains("error"))
        }

        @Test func `account-files tells who opened shadow, and not the lock beside it`() throws {
            var pid: pid_t = 0
            let events = try run("account-files") {
                pid = try shell("exec \"$WORKLOAD\" open 23 /etc/shadow").pid
                try shell("touch /etc/.pwd.lock; exec \"$WORKLOAD\" open 5 /etc/passwd")
            }.filter { $0.pid == Int(pid) }
            #expect(events.count == 23 && events.allSatisfy { $0.rules == ["account-files"] })
            #expect(
                events.first?.message?.contains("/workload (pid \(pid), user 0) opened /etc/shadow with O_RDONLY")
                    == true
            )
        }

        @Test func `setuid-on-host tells ten times a minute for a user, and no more`() throws {
            let events = try run("setuid-programs") {
                try shell("i=0; while [ $i -lt 13 ]; do chsh --help > /dev/null 2>&1 || true; i=$((i+1)); done")
            }
            #expect(events.filter { $0.rules == ["setuid-on-host"] }.count == 10)
            #expect(events.first?.message == "/usr/bin/chsh --help by user 0")
        }

        @Test func `ssh-key-read tells of a key that was read, and not of its public half`() throws {
            let folder = try TemporaryFolder()
            let key = try folder.write("secret", to: "key")
            let path = URL(filePath: key).deletingLastPathComponent().path + "/.ssh"
            var pid: pid_t = 0
            let events = try run("ssh-keys") {
                pid = try shell(
                    """
                    mkdir '\(path)'; mv '\(key)' '\(path)/id_ed25519'; : > '\(path)/id_ed25519.pub'
                    exec perl -e 'for (1..7) { open F, "<", "\(path)/id_ed25519"; open F, "<", "\(path)/id_ed25519.pub"; open F, "<", "\(path)/id_rsa" }'
                    """
                ).pid
            }
            #expect(events.filter { $0.pid == Int(pid) }.count == 7)
            #expect(events.allSatisfy { $0.text("path") == path + "/id_ed25519" })
        }

        @Test func `server-shell tells of shells below a server, however far`() throws {
            let folder = try TemporaryFolder()
            let events = try run("server-shells") {
                try shell("cp /bin/dash '\(folder("redis-server"))'")
                try shell("'\(folder("redis-server"))' -c 'nice /bin/dash -c \"/bin/dash -c true; true\"; true'")
                try shell("/bin/dash -c true; true")
            }
            #expect(
                events.map { $0.text("process.binary") } == Array(repeating: Machine.resolved("/bin/dash"), count: 2)
            )
            #expect(
                events.allSatisfy { $0.rules == ["server-shell"] && $0.message?.contains("below a server") == true }
            )
        }

        @Test func `script-connects-out and script-listens tell of an interpreter's sockets`() throws {
            let events = try run("outgoing") {
                try shell(
                    """
                    perl -MIO::Socket::INET -e '
                        my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1") or die;
                        for (1..5) { IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $server->sockport) or die }'
                    """
                )
            }
            #expect(events.filter { $0.rules == ["script-listens"] }.count == 1)
            #expect(events.filter { $0.rules == ["script-connects-out"] }.count == 5)
        }

        @Test(.enabled(if: access("/bin/bash", X_OK) == 0, "needs bash"))
        func `typed-secret tells of the line with the secret alone`() throws {
            var pid: pid_t = 0
            let events = try run("typed-secrets") {
                let terminal = try Terminal(TypedLineTests.bash, environment: [:])
                pid = terminal.pid
                try terminal.wait()
                for (index, line) in [": hello", ": DB_PASSWORD=hunter2", "unset HISTFILE"].enumerated() {
                    try terminal.type(line: line)
                    try terminal.wait(times: index + 2)
                }
                try terminal.end()
            }
            #expect(events.map { $0.text("line") } == [": DB_PASSWORD=hunter2", "unset HISTFILE"])
            #expect(events.allSatisfy { $0.pid == Int(pid) })
        }
    }
}
