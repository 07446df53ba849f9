import Foundation
import Glibc
import Testing

extension Kernel {
    /// Rules come to a daemon and go, while events flow.
    @Suite struct RuleChangeTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func rule(_ name: String, _ toml: String) throws -> String {
            try folder.write("name = '\(name)'\n\(toml)\n", to: "\(name).toml")
        }

        /// A daemon that writes opens to a file, with these rules.
        private func daemon(_ rules: String) throws -> DaemonRun {
            try DaemonRun(
                "event: [open]\nsink: file:\(folder("events"))\nformat: json\nrules: [\(rules)]\n",
                in: folder
            )
        }

        private func events() throws -> [Event] {
            try AgentRun.parse(try String(contentsOfFile: folder("events"), encoding: .utf8))
        }

        @Test func `A rule that comes and goes under load loses no event, and none comes twice`() throws {
            let always = try rule("always", "tracer = 'open'\nwhere.path = '/etc/hostname'")
            let sometimes = try rule(
                "sometimes",
                "tracer = 'open'\nwhere.path.suffix = 'hostname'\nwhere.process.comm = 'workload'"
            )
            let daemon = try daemon(always)
            let seconds = Machine.scale == 1 ? 3 : 6
            let rate = Machine.scale == 1 ? 50_000 : 500
            let load = try Child([try Products.workload(), "open-rate", "\(rate)", "\(seconds)", "/etc/hostname"])
            for _ in 0..<3 {
                usleep(300_000)
                #expect(try daemon.rules("add", sometimes).code == 0)
                usleep(300_000)
                #expect(try daemon.rules("rm", "sometimes").code == 0)
            }
            let outcome = try load.wait()
            let (books, _) = try daemon.stop()
            let told = try events().filter { $0.pid == Int(load.pid) && $0.text("path") == "/etc/hostname" }
            #expect(told.count == outcome.number("ops"))
            #expect(told.allSatisfy { $0.rules == ["always"] || $0.rules == ["always", "sometimes"] })
            // Three times it begins, and three times it ends: in between there is no event without it.
            let marks = told.map { $0.rules.count == 2 }
            #expect(zip(marks, marks.dropFirst()).count { $0 != $1 } == 6)
            #expect(books.totalLost == 0 && books.unexplained == [])
        }

        @Test func `A rule that wants what nobody wanted before is told of it from then on`() throws {
            let nothing = try rule("nothing", "tracer = 'open'\nwhere.process.binary = '/no/such'")
            let daemon = try daemon(nothing)
            // It was judged when it began, and nothing of it was produced.
            let gate = folder("gate")
            let process = try Child([
                "/usr/bin/perl", "-e",
                "sub all { for (1..23) { open F, '<', '/etc/hostname' } } sleep 1; all; until (-e '\(gate)') { select undef, undef, undef, 0.01 } all",
            ])
            usleep(Machine.scale == 1 ? 1_800_000 : 9_000_000)
            let all = try rule("all", "tracer = 'open'\nwhere.path = '/etc/hostname'")
            #expect(try daemon.rules("add", all).code == 0)
            _ = try folder.write("", to: "gate")
            _ = try process.wait()
            _ = try daemon.stop()
            #expect(try events().filter { $0.pid == Int(process.pid) && $0.rules == ["all"] }.count == 23)
        }

        @Test func `Of processes that fork while a rule comes nothing stays held back`() throws {
            let nothing = try rule("nothing", "tracer = 'open'\nwhere.process.binary = '/no/such'")
            let daemon = try daemon(nothing)
            let gate = folder("gate")
            let process = try Child([
                "/usr/bin/perl", "-e",
                """
                for (1..61) {
                    select undef, undef, undef, 0.02;
                    next if fork;
                    until (-e '\(gate)') { select undef, undef, undef, 0.01 }
                    for (1..23) { open F, '<', '/etc/hostname' }
                    exit;
                }
                1 while wait > 0;
                """,
            ])
            usleep(500_000)
            let all = try rule("all", "tracer = 'open'\nwhere.path = '/etc/hostname'")
            #expect(try daemon.rules("add", all).code == 0)
            _ = try folder.write("", to: "gate")
            _ = try process.wait()
            let (books, _) = try daemon.stop()
            let told = try events().filter { $0.parentPid == Int(process.pid) && $0.text("path") == "/etc/hostname" }
            #expect(books.isAll(told.count, of: 61 * 23), "\(told.count), and \(books.missed) left out")
            #expect(books.totalLost == 0 && books.unexplained == [])
        }

        @Test func `ls tells what rules matched, explain how they are found, and rm of an unknown one fails`() throws {
            let daemon = try daemon(try rule("mine", "tracer = 'open'\nseverity = 'low'\nwhere.path = '/etc/hostname'"))
            try workload("open", "23", "/etc/hostname")
            let row = { () -> [Substring] in
                let text = (try? daemon.rules("ls").output) ?? ""
                return text.split(separator: "\n").first { $0.hasPrefix("mine") }?.split(separator: " ") ?? []
            }
            #expect(eventually(within: 30) { row().contains("23") }, "\(row())")
            #expect(
                try daemon.rules("explain").output
                    == "mine (open): found by path\nopen in the kernel: only what a rule could want, by how the path begins (1 key)\n"
            )
            let unknown = try daemon.rules("rm", "theirs")
            #expect(unknown.code == 1 && unknown.errors.contains("there is no rule 'theirs'"), "\(unknown.errors)")
            let broken = try folder.write("tracer = 'opne'", to: "broken.toml")
            let refused = try daemon.rules("add", broken)
            #expect(refused.code == 78 && refused.errors.contains("broken.toml:1:10: tracer: no such tracer 'opne'"))
            _ = try daemon.stop()
        }
    }
}
