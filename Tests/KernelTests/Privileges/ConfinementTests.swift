import Foundation
import Glibc
import Testing

extension Kernel {
    /// What a process can no longer do, tried by one that gave up what the agent gives up.
    @Suite struct ConfinementTests {
        private static let user = "1001"
        private let folder: TemporaryFolder
        private let place: String

        init() throws {
            folder = try TemporaryFolder()
            place = try folder.makeFolder("place")
            chown(place, 1001, 1001)
        }

        private func confined(_ word: String, through wrapper: [String] = []) throws -> Child.Outcome {
            let program = folder("confined")
            if access(program, F_OK) != 0 {
                try FileManager.default.copyItem(atPath: Products.confined(), toPath: program)
            }
            return try Child(wrapper + [program, word, Self.user, place]).wait(seconds: 60)
        }

        @Test func `No program, process, trace, mount, socket or file of others, and its own work goes on`() throws {
            let outcome = try confined("tries")
            try #require(outcome.code == 0, "\(outcome.output) \(outcome.errors)")
            var results: [String: Int] = [:]
            for line in outcome.output.split(separator: "\n") {
                let parts = line.split(separator: "=")
                if parts.count == 2 { results[String(parts[0])] = Int(parts[1]) }
            }
            let landlock = results.removeValue(forKey: "landlock") ?? 0
            for name in ["out", "rename", "null", "read", "launch", "thread"] {
                #expect(results.removeValue(forKey: name) == 0, "\(name)")
            }
            #expect(results.removeValue(forKey: "verified") == 1)
            #expect(results.count >= 30)
            // Of one's own, where a kernel without Landlock leaves it to permissions.
            let byLandlock: Set = ["write-elsewhere", "write-proc", "write-memory"]
            for (name, error) in results.sorted(by: { $0.key < $1.key }) {
                if byLandlock.contains(name) {
                    if landlock > 0 { #expect(error == Int(EACCES), "\(name)") }
                } else {
                    #expect(error == Int(EPERM), "\(name)")
                }
            }
            unlink("/tmp/martlet-must-not-be")
        }

        @Test func `A second thread would keep what it has: refused`() throws {
            let outcome = try confined("second-thread")
            #expect(outcome.code == 3)
            #expect(outcome.output.contains("cannot look for other threads: there are 2"), "\(outcome.output)")
        }

        @Test func `A thread that kept something is named, with what it kept`() throws {
            let outcome = try confined("kept")
            #expect(outcome.code == 3)
            let line = outcome.output
            #expect(
                line.contains(#/cannot verify all threads: thread \d+ kept .*CAP_SYS_ADMIN.*\(CapPrm\)/#),
                "\(line)"
            )
        }

        @Test func `Without CAP_SETUID it cannot become somebody else, and does not run`() throws {
            let outcome = try confined(
                "tries",
                through: ["setpriv", "--bounding-set", "-setuid", "--inh-caps", "-setuid"]
            )
            #expect(outcome.code == 3)
            #expect(outcome.output.contains("cannot become the user: Operation not permitted (errno 1)"))
        }

        @Test func `Without CAP_SETGID it keeps its groups, and does not run`() throws {
            let outcome = try confined(
                "tries",
                through: ["setpriv", "--bounding-set", "-setgid", "--inh-caps", "-setgid"]
            )
            #expect(outcome.code == 3)
            #expect(outcome.output.contains("cannot become the user: Operation not permitted (errno 1)"))
        }

        @Test func `Without CAP_SETPCAP all else is given up`() throws {
            let outcome = try confined(
                "tries",
                through: ["setpriv", "--bounding-set", "-setpcap", "--inh-caps", "-setpcap"]
            )
            #expect(outcome.code == 0, "\(outcome.output)")
            #expect(outcome.output.contains("verified=1"))
        }
    }
}
