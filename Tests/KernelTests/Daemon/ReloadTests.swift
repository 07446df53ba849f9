import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct ReloadTests {
        private func names(_ path: String) throws -> [String] {
            try AgentRun.parse(Machine.contents(path)).compactMap { $0.text("name") }
        }

        @Test(arguments: ["SIGHUP", "martlet reload"])
        func `A configuration that is read again holds from then on`(_ how: String) throws {
            let out = try TemporaryFolder()
            // Files that nobody else opens.
            let (before, after) = (out("before"), out("after"))
            for path in [before, after] { try "".write(toFile: path, atomically: false, encoding: .utf8) }
            let sink = "format: json\nsink: [file:\(out("events"))]\n"
            let daemon = try DaemonRun("event: [open]\npath: [\(before)]\n" + sink)
            try workload("open", "7", after)
            try daemon.configure("event: [open]\npath: [\(after)]\n" + sink)
            if how == "SIGHUP" {
                daemon.child.signal(SIGHUP)
                #expect(eventually { daemon.child.errors.contains("changed: path") })
            } else {
                let outcome = try daemon.ask("reload")
                #expect(outcome.code == 0)
                #expect(outcome.output == "changed: path\n")
            }
            try workload("open", "23", after)
            try workload("open", "11", before)
            let (books, _) = try daemon.stop()
            #expect(try names(out("events")).count { $0 == after } == 23)
            #expect(try names(out("events")).count { $0 == before } == 0)
            #expect(books.unexplained == [])
        }

        @Test(arguments: [
            ("event: [open\n", "martlet.yaml:"),
            ("event: [open]\nevent: [exec]\n", "martlet.yaml:1:1: event: is there more than once"),
            ("paht: [/etc]\n", "martlet.yaml:1:1: there is no key 'paht'; did you mean path?"),
            ("event: {open: true}\n", "martlet.yaml:1:"),
            ("event: 17\n", "martlet.yaml:1:8: event: '17' is not one of"),
        ])
        func `A configuration that is broken changes nothing, and is told`(_ text: String, _ problem: String) throws {
            let out = try TemporaryFolder()
            let daemon = try DaemonRun("event: [open]\nformat: json\nsink: [file:\(out("events"))]\n")
            try daemon.configure(text)
            let outcome = try daemon.ask("reload")
            #expect(outcome.code == 78)
            #expect(outcome.errors.contains(problem), "\(outcome.errors)")
            #expect(outcome.errors.contains("what held before goes on"))
            daemon.child.signal(SIGHUP)
            #expect(eventually { daemon.child.errors.contains("the configuration was not read again") })
            try workload("open", "23", "/etc/hostname")
            let (books, end) = try daemon.stop()
            #expect(end.code == 0)
            #expect(try names(out("events")).count { $0 == "/etc/hostname" } == 23)
            #expect(books.unexplained == [])
        }

        @Test func `A kind that was not watched is watched when a configuration asks for it`() throws {
            let daemon = try DaemonRun("event: [exec]\n")
            #expect(try daemon.ask("status").output.contains("watches     fork, exec, exit; "))
            try daemon.configure("event: [exec, open]\n")
            #expect(try daemon.ask("reload").output == "changed: event\n")
            #expect(try daemon.ask("status").output.contains("watches     fork, exec, exit, open; "))
            let client = try daemon.trace(["--event", "open", "--path", "/etc/hostname", "--count", "23"])
            try workload("open", "23", "/etc/hostname")
            let result = try client.wait(seconds: 60)
            #expect(result.output.split(separator: "\n").count == 23)
            #expect(try daemon.stop().books.unexplained == [])
        }

        @Test func `What cannot change while it runs is told, and left for the next start`() throws {
            let daemon = try DaemonRun("event: [exec]\n")
            try daemon.configure("event: [exec]\nring-size: 16M\nargs-limit: 100\n")
            for _ in 0..<2 {
                let outcome = try daemon.ask("reload")
                #expect(outcome.code == 0)
                #expect(
                    outcome.output
                        == "nothing changes for what runs\nfrom the next start on: args-limit, ring-size\n"
                )
            }
            try daemon.configure("event: [exec]\n")
            #expect(try daemon.ask("reload").output == "nothing changes for what runs\n")
        }

        @Test(arguments: [("json", "bpfd"), ("bpfd", "json")])
        func `A format that waits for the next start leaves what is written as it is`(_ old: String, _ new: String)
            throws
        {
            let out = try TemporaryFolder()
            let text = { (format: String, events: String) in
                "event: [\(events)]\nformat: \(format)\nsink: [file:\(out("events"))]\n"
            }
            let daemon = try DaemonRun(text(old, "exec, open"))
            try daemon.configure(text(new, "exec, exit, open"))
            let outcome = try daemon.ask("reload")
            #expect(outcome.output == "changed: event\nfrom the next start on: format\n")
            try shell("/bin/true; /bin/true")
            let (books, _) = try daemon.stop()
            #expect(books.unexplained == [])
            let lines = Machine.contents(out("events")).split(separator: "\n").count
            let written = ["fork", "exec", "exit", "open"].reduce(0) { $0 + books.row($1).written }
            #expect(lines == written)
            // An exit has a line in JSON alone.
            #expect((books.row("exit").written >= 2) == (old == "json"))
        }

        @Test func `Of reloads that cross, the last one's file holds`() throws {
            let out = try TemporaryFolder()
            let text = { (path: String) in
                "event: [open]\npath: [\(path)]\nformat: json\nsink: [file:\(out("events"))]\n"
            }
            let daemon = try DaemonRun(text("/etc/hostname"))
            for _ in 0..<Machine.scaled(23, least: 3) {
                try daemon.configure(text("/nowhere"))
                let first = try daemon.start("reload", [])
                daemon.child.signal(SIGHUP)
                try daemon.configure(text("/etc/hostname"))
                #expect(try daemon.ask("reload").code == 0)
                _ = try first.wait(seconds: 60)
                let (pid, _) = try workload("open", "3", "/etc/hostname")
                #expect(
                    eventually {
                        let lines = Machine.contents(out("events")).split(separator: "\n")
                        return lines.count { $0.contains("\"pid\":\(pid),") } == 3
                    }
                )
            }
            #expect(try daemon.stop().books.unexplained == [])
        }

        @Test func `What the command line decides is not changed, and that is told`() throws {
            let daemon = try DaemonRun("event: [open]\n", ["--event", "exec", "--ring-size", "4M", "--spool-all"])
            try daemon.configure("event: [exit]\npath: [/etc]\nring-size: 2M\nspool-age: 1h\n")
            #expect(
                try daemon.ask("reload").output == """
                    changed: path
                    the daemon's command line overrules: event, ring-size
                    from the next start on: spool-age

                    """
            )
        }

        @Test func `A configuration file that is gone, or became a pipe, changes nothing`() throws {
            let daemon = try DaemonRun("event: [exec]\n")
            unlink(daemon.configuration)
            #expect(try daemon.ask("reload").code == 78)
            mkfifo(daemon.configuration, 0o644)
            let outcome = try daemon.ask("reload")
            #expect(outcome.code == 78)
            #expect(outcome.errors.contains("is no regular file"), "\(outcome.errors)")
            #expect(try daemon.ask("status").code == 0)
        }
    }
}
