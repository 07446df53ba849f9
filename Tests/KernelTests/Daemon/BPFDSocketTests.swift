import Foundation
import Glibc
import Testing

extension Kernel {
    /// The daemon's second socket, for clients of bpfd, and real events on it.
    @Suite struct BPFDSocketTests {
        /// bpfd's verb at a socket, run to its end.
        private func bpfd(_ path: String, _ arguments: String...) throws -> Child.Outcome {
            try Child([try Products.martlet(), "bpfd"] + arguments + ["--grpc-addr", path]).wait(seconds: 60)
        }

        @Test func `Events of bpfd's tracers come once each at a socket that goes with the daemon`() throws {
            let folder = try TemporaryFolder()
            let path = folder("bpfd/bpfd.sock")
            let daemon = try DaemonRun("event: [open, exec]\nbpfd-socket: \(path)\n", in: folder)
            let traces = try (0..<2).map { _ in
                try Child([try Products.martlet(), "bpfd", "trace", "--grpc-addr", path])
            }
            let listening = { (try? daemon.ask("status").output.components(separatedBy: "\n  client ").count) ?? 0 }
            #expect(eventually(within: 60) { listening() == 3 })
            let (pid, _) = try workload("open", "23", "/etc/hostname")
            let wanted = #"\"filename\":\"/etc/hostname\""#
            for trace in traces {
                let lines = {
                    trace.errors.split(separator: "\n").filter {
                        $0.contains(wanted) && $0.contains(" pid=\(pid) ") && $0.hasSuffix(" tracer=open")
                    }
                }
                #expect(eventually(within: 60) { lines().count >= 23 })
                #expect(lines().count == 23)
            }
            let (books, outcome) = try daemon.stop()
            #expect(outcome.code == 0 && books.unexplained == [])
            for trace in traces { #expect(try trace.wait(seconds: 60).code == 1) }
            #expect(access(path, F_OK) != 0)
        }

        @Test func `Readers may list and stream, and create and remove nothing`() throws {
            let folder = try TemporaryFolder()
            let (path, file) = (folder("bpfd.sock"), folder("rule.toml"))
            try "tracer = \"exec\"\n".write(toFile: file, atomically: true, encoding: .utf8)
            let daemon = try DaemonRun("event: [exec]\nread-group: 4711\nbpfd-socket: \(path)\n", in: folder)
            let reader = ["setpriv", "--reuid", "4801", "--regid", "4801", "--groups", "4711"]
            let bpfd = reader + [try Products.martlet(), "bpfd"]
            let list = try Child(bpfd + ["ls", "--grpc-addr", path]).wait(seconds: 60)
            #expect(!list.errors.contains("may not"), "\(list.errors)")
            let trace = try Child(bpfd + ["trace", "--grpc-addr", path])
            #expect(eventually(within: 60) { (try? daemon.ask("status").output.contains("uid 4801")) ?? false })
            for arguments in [["create", file], ["rm", "rule"]] {
                let refused = try Child(bpfd + arguments + ["--grpc-addr", path]).wait(seconds: 60)
                #expect(refused.code == 1)
                #expect(refused.errors.hasPrefix("bpfd: user 4801 may not change anything here"), "\(refused.errors)")
            }
            _ = try daemon.stop()
            #expect(try trace.wait(seconds: 60).code == 1)
        }

        @Test func `A second daemon does not take the socket of the first`() throws {
            let folder = try TemporaryFolder()
            let path = folder("bpfd.sock")
            let daemon = try DaemonRun("event: [exec]\nbpfd-socket: \(path)\n", in: folder)
            let configuration = folder("other.yaml")
            try "sink: none\nbpfd-socket: \(path)\n".write(toFile: configuration, atomically: true, encoding: .utf8)
            let other = try Child([
                try Products.martlet(), "daemon", "--config", configuration, "--socket", folder("other.sock"),
            ]).wait(seconds: 60)
            #expect(other.code == 75 && other.errors.contains("listens on \(path)"), "\(other.errors)")
            // It answers; whether it has rules is its own affair.
            #expect(try !bpfd(path, "ls").errors.contains("no agent listens"))
            _ = try daemon.stop()
        }
    }
}
