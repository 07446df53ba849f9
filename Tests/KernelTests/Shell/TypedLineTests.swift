import Foundation
import Glibc
import Testing

extension Kernel {
    /// Somebody types into bash on a terminal.
    @Suite(.enabled(if: access("/bin/bash", X_OK) == 0, "needs bash"))
    struct TypedLineTests {
        static let bash = ["/bin/bash", "--norc", "--noprofile", "-i"]
        private let folder: TemporaryFolder
        private let environment: [String: String]

        init() throws {
            folder = try TemporaryFolder()
            // Bytes above 127 are themselves, whatever the locale.
            let settings =
                "set input-meta on\nset convert-meta off\nset output-meta on\nset enable-bracketed-paste off\n"
            environment = ["INPUTRC": try folder.write(settings, to: "inputrc")]
        }

        static func lines(_ result: AgentRun.Result, of pid: pid_t) -> [String] {
            result.events("process_shell", pid: pid).map { $0.text("line") ?? "(none)" }
        }

        @Test func `23 lines typed are 23 events, with text and process`() throws {
            let agent = try AgentRun("shell")
            let terminal = try Terminal(Self.bash, environment: environment)
            let typed = ["", ": 345678 0", ": " + String(repeating: "x", count: 4998)]
            let pasted = (1...19).map { ": pasted \($0)" }
            try terminal.wait()
            for (index, line) in typed.enumerated() {
                try terminal.type(line: line)
                try terminal.wait(times: index + 2)
            }
            // no UTF-8
            try terminal.type([0x3a, 0x20, 0xff, 0xfe, 10])
            try terminal.wait(times: 5)
            try terminal.type(Array((pasted.joined(separator: "\n") + "\n").utf8))
            try terminal.wait(times: 24)
            try terminal.end()
            let result = try agent.stop()
            let events = result.events("process_shell", pid: terminal.pid)
            #expect(events.count == 23)
            #expect(Self.lines(result, of: terminal.pid) == typed + [#": \xff\xfe"#] + pasted)
            for event in events {
                #expect(event.text("process.binary") == Machine.resolved("/bin/bash"))
                #expect(event.parentPid == Int(getpid()))
                #expect(event.list("marks") == [])
            }
            #expect(result.books.row("shell").lost == 0)
            #expect(result.books.unexplained == [])
        }

        @Test func `The end of input is no line`() throws {
            let agent = try AgentRun("shell")
            let terminal = try Terminal(Self.bash)
            try terminal.wait()
            try terminal.end()
            #expect(Self.lines(try agent.stop(), of: terminal.pid) == [])
        }

        @Test func `Typed lines are told only when they are asked for`() throws {
            let agent = try AgentRun("exec,exit,open")
            let terminal = try Terminal(Self.bash)
            try terminal.wait()
            try terminal.type(line: ": a secret")
            try terminal.wait(times: 2)
            try terminal.end()
            #expect(!(try agent.stop().outcome.output.contains("a secret")))
        }

        @Test func `Filters on process and pid apply`() throws {
            let first = try Terminal(Self.bash)
            let second = try Terminal(Self.bash)
            try first.wait()
            try second.wait()
            let agent = try AgentRun("shell", ["--pid", "\(second.pid)"])
            let other = try AgentRun("shell", ["--process", "nosuch"])
            for terminal in [first, second] {
                // the first is the one that they already waited for
                for number in 2...4 {
                    try terminal.type(line: ": line")
                    try terminal.wait(times: number)
                }
            }
            let result = try agent.stop()
            #expect(Self.lines(result, of: second.pid).suffix(2) == [": line", ": line"])
            #expect(Self.lines(result, of: first.pid) == [])
            // The others' are not even produced.
            #expect(result.books.row("shell").produced == result.books.row("shell").written)
            #expect(try other.stop().events.filter { $0.kind == "process_shell" }.isEmpty)
        }

        @Test func `Two capabilities are enough, on kernels that have the links`() throws {
            let program = folder("martlet")
            try FileManager.default.copyItem(atPath: try Products.martlet(), toPath: program)
            let agent = try AgentRun("shell", program: program, through: Privileges.twoCapabilities)
            let terminal = try Terminal(Self.bash)
            try terminal.wait()
            try terminal.type(line: ": typed")
            try terminal.wait(times: 2)
            try terminal.end()
            let result = try agent.stop()
            if Machine.kernel >= (6, 6) {
                #expect(Self.lines(result, of: terminal.pid) == [": typed"])
                #expect(result.outcome.errors.contains("CAP_SYS_PTRACE"))
            } else {
                #expect(result.outcome.errors.contains("CAP_SYS_ADMIN"))
                #expect(result.outcome.code == 0)
            }
        }
    }
}
