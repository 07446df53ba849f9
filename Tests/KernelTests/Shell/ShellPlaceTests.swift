import BPF
import Foundation
import Glibc
import Logging
import Model
import Probes
import Testing

extension Kernel {
    /// Wherever the shell's file is, and whoever runs it.
    @Suite(.enabled(if: access("/bin/bash", X_OK) == 0, "needs bash"))
    struct ShellPlaceTests {
        private let folder: TemporaryFolder
        /// As root, and as a user whose helper looks.
        private static let users: [[String]] = [[], ["--run-as", "1001"]]

        init() throws { folder = try TemporaryFolder() }

        private func watches(_ agent: AgentRun, _ path: String) -> Bool {
            eventually(within: Machine.scale == 1 ? 20 : 120) {
                agent.child.errors.split(separator: "\n").contains {
                    $0.contains("watching readline") && $0.contains(path)
                }
            }
        }

        /// Types 23 lines, one after the other, after one that may have been waited for before the hook was there.
        private func typeLines(_ terminal: Terminal, prompt: String = Terminal.prompt) throws -> [String] {
            let lines = (1...23).map { ": other \($0)" }
            try terminal.type(line: ": first")
            try terminal.wait(for: prompt, times: 2)
            for (index, line) in lines.enumerated() {
                try terminal.type(line: line)
                try terminal.wait(for: prompt, times: index + 3)
            }
            return lines
        }

        @Test(arguments: users) func `A shell that begins later, from a file of another mount namespace, is seen`(
            options: [String]
        ) throws {
            let agent = try AgentRun("shell", options)
            let mount = try folder.makeFolder("mount")
            let script =
                "mount -t tmpfs none \(mount) && cp /bin/bash \(mount)/renamed && exec \(mount)/renamed --norc -i"
            let terminal = try Terminal(["unshare", "-m", "--propagation", "private", "/bin/sh", "-c", script])
            try terminal.wait()
            try #require(watches(agent, "\(mount)/renamed"))
            let lines = try typeLines(terminal)
            try terminal.end()
            let result = try agent.stop()
            #expect(TypedLineTests.lines(result, of: terminal.pid).suffix(23) == lines[...])
            #expect(result.books.unexplained == [])
        }

        @Test(arguments: users) func `A shell of another mount namespace that runs already is found`(options: [String])
            throws
        {
            let mount = try folder.makeFolder("mount")
            let script = "mount -t tmpfs none \(mount) && cp /bin/bash \(mount)/bash && exec \(mount)/bash --norc -i"
            let terminal = try Terminal(["unshare", "-m", "--propagation", "private", "/bin/sh", "-c", script])
            try terminal.wait()
            let agent = try AgentRun("shell", options)
            let lines = try typeLines(terminal)
            try terminal.end()
            #expect(TypedLineTests.lines(try agent.stop(), of: terminal.pid).suffix(23) == lines[...])
        }

        @Test(arguments: users) func `A shell whose file has been deleted is found`(options: [String]) throws {
            let copy = folder("bash")
            try FileManager.default.copyItem(atPath: "/bin/bash", toPath: copy)
            let terminal = try Terminal([copy, "--norc", "--noprofile", "-i"])
            try terminal.wait()
            try FileManager.default.removeItem(atPath: copy)
            let agent = try AgentRun("shell", options)
            let lines = try typeLines(terminal)
            try terminal.end()
            #expect(TypedLineTests.lines(try agent.stop(), of: terminal.pid).suffix(23) == lines[...])
        }

        @Test(.enabled(if: access("/usr/bin/bc", X_OK) == 0, "needs bc, which is linked with libreadline"))
        func `A program with the readline library is seen`() throws {
            let agent = try AgentRun("shell")
            let terminal = try Terminal(["/usr/bin/bc", "-q"])
            for number in 1...5 {
                try terminal.type(line: "100000*\(number)")
                try terminal.wait(for: "\(number)00000\r\n")
            }
            try terminal.end()
            #expect(TypedLineTests.lines(try agent.stop(), of: terminal.pid) == (1...5).map { "100000*\($0)" })
        }

        @Test(
            .enabled(if: access("/usr/bin/bc", X_OK) == 0, "needs bc, which is linked with libreadline"),
            arguments: users
        )
        func `A library in a place of its own is found, in a program that begins later`(options: [String]) throws {
            let maps = try Child.run("/usr/bin/ldd", "/usr/bin/bc").outcome.output
            let library = try #require(
                maps.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("/") && $0.contains("libreadline") }
            )
            try FileManager.default.copyItem(
                atPath: Machine.resolved(String(library)),
                toPath: folder("libreadline.so.8")
            )
            // bc has begun before, so that only the library is new
            let agent = try AgentRun("shell", options)
            let terminal = try Terminal(["/usr/bin/bc", "-q"], environment: ["LD_LIBRARY_PATH": folder.path])
            try #require(watches(agent, folder("libreadline.so.8")))
            for number in 1...5 {
                try terminal.type(line: "100000*\(number)")
                try terminal.wait(for: "\(number)00000\r\n")
            }
            try terminal.end()
            #expect(
                TypedLineTests.lines(try agent.stop(), of: terminal.pid).suffix(4) == (2...5).map { "100000*\($0)" }
            )
        }

        @Test func `By the attacher of older kernels as well, which ends with its holder`() throws {
            var settings = ProbeSettings()
            settings.observations = [.shell]
            let before = Self.attachers()
            func typed() throws -> UInt64 {
                let attacher = try UprobeAttacher()
                #expect(Self.attachers() == before + 1)
                let probes = try KernelProbes(settings, attacher: attacher, logger: Logger(label: ""))
                #expect(probes.missing.isEmpty)
                let terminal = try Terminal(TypedLineTests.bash)
                try terminal.wait()
                for number in 2...24 {
                    try terminal.type(line: ": \(number)")
                    try terminal.wait(times: number)
                }
                try terminal.end()
                probes.detach()
                return try probes.counts()[.shell]?.produced ?? 0
            }
            #expect(try typed() == 23)
            #expect(eventually { Self.attachers() == before })
        }

        private static func attachers() -> Int {
            let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return processes.count { Machine.contents("/proc/\($0)/comm") == "martlet-attach\n" }
        }
    }
}
