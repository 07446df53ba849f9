import Foundation
import Glibc
import Testing

extension Kernel {
    /// A daemon that root started and that became somebody else.
    @Suite struct ConfinedDaemonTests {
        private let folder: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
            chown(folder.path, 4801, 4801)
        }

        @Test func `All of its threads keep CAP_BPF and CAP_PERFMON, gRPC's too, and all it is asked works`() throws {
            let daemon = try DaemonRun(
                "event: [open]\npath: [/etc/hostname]\nsink: [sqlite:\(folder("events.db")), file:\(folder("events"))]\n"
                    + "format: json\n",
                ["--run-as", "4801"],
                in: folder
            )
            let client = try daemon.trace(["--event", "open", "--path", "/etc/hostname", "--count", "23"])
            let (pid, _) = try workload("open", "23", "/etc/hostname")
            #expect(try client.wait(seconds: 60).output.split(separator: "\n").count == 23)
            // A file that moved away is opened again, where the agent may still write.
            try FileManager.default.moveItem(atPath: folder("events"), toPath: folder("old"))
            #expect(try daemon.ask("reload").code == 0)
            daemon.child.signal(SIGHUP)
            #expect(
                try eventually {
                    try workload("open", "1", "/etc/hostname")
                    return access(folder("events"), F_OK) == 0
                }
            )
            let status = try daemon.ask("status")
            #expect(status.code == 0)
            #expect(status.output.contains(", uid 4801, "))
            #expect(status.output.contains("privileges  CAP_PERFMON, CAP_BPF\n"), "\(status.output)")
            for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.child.pid)/task") {
                let lines = Machine.contents("/proc/\(daemon.child.pid)/task/\(task)/status").split(separator: "\n")
                func value(_ name: String) -> String {
                    lines.first { $0.hasPrefix(name + ":") }.map { String($0.split(separator: "\t").last ?? "") } ?? ""
                }
                for name in ["CapPrm", "CapEff"] { #expect(UInt64(value(name), radix: 16) == 1 << 38 | 1 << 39) }
                for name in ["CapInh", "CapAmb", "CapBnd"] { #expect(UInt64(value(name), radix: 16) == 0) }
                #expect(value("Uid") == "4801" && value("Gid") == "4801")
                #expect(value("NoNewPrivs") == "1" && value("Seccomp") == "2")
            }
            let (books, outcome) = try daemon.stop()
            #expect(outcome.code == 0)
            #expect(books.unexplained == [])
            #expect(access(folder("martlet.sock"), F_OK) != 0)
            #expect(try AgentRun.parse(Machine.contents(folder("old"))).count { $0.pid == Int(pid) } == 23)
            let query = try Child([
                try Products.martlet(), "query", "--store", folder("events.db"), "--pid", "\(pid)", "-o", "json",
            ]).wait(seconds: 60)
            #expect(query.output.split(separator: "\n").count == 23)
        }

        @Test func `Its own user may ask it, and root may`() throws {
            let daemon = try DaemonRun("event: [exec]\n", ["--run-as", "4801"], in: folder)
            let own = ["setpriv", "--reuid", "4801", "--regid", "4801", "--clear-groups"]
            #expect(try daemon.ask("reload", through: own).code == 0)
            #expect(try daemon.ask("reload").code == 0)
        }

        @Test func `A configuration that its user cannot read changes nothing, and is told`() throws {
            let daemon = try DaemonRun("event: [exec]\n", ["--run-as", "4801"], in: folder)
            try daemon.configure("event: [open]\n")
            chmod(daemon.configuration, 0o600)
            let outcome = try daemon.ask("reload")
            #expect(outcome.code == 78)
            #expect(outcome.errors.contains("\(daemon.configuration): cannot be read: Permission denied"))
        }

        @Test func `Without the capabilities it ends with status 77 and says which`() throws {
            let nobody = ["setpriv", "--reuid", "4801", "--regid", "4801", "--clear-groups", "--inh-caps", "-all"]
            try "sink: none\n".write(toFile: folder("m.yaml"), atomically: true, encoding: .utf8)
            let outcome = try Child(
                nobody + [
                    try Products.martlet(), "daemon", "--config", folder("m.yaml"), "--socket", folder("m.sock"),
                ]
            ).wait(seconds: 60)
            #expect(outcome.code == 77)
            #expect(outcome.errors.contains("CAP_BPF") && outcome.errors.contains("CAP_PERFMON"))
        }

        @Test func `A folder where it may not write is told before it watches`() throws {
            let closed = try TemporaryFolder()
            chmod(closed.path, 0o700)
            try "sink: [file:\(closed("events"))]\n".write(toFile: folder("m.yaml"), atomically: true, encoding: .utf8)
            let outcome = try Child([
                try Products.martlet(), "daemon", "--config", folder("m.yaml"), "--socket", folder("m.sock"),
                "--run-as", "4801",
            ]).wait(seconds: 60)
            #expect(outcome.code == 77)
            #expect(outcome.errors.contains("\(closed.path): Permission denied; chown 4801"), "\(outcome.errors)")
        }
    }
}
