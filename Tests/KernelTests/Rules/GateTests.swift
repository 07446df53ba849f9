import Foundation
import Glibc
import Testing

extension Kernel {
    /// The kernel produces nothing that neither a rule nor a filter wants.
    @Suite struct GateTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func rules(_ toml: String) throws -> [String] {
            ["--rules", try folder.write(toml, to: "r.toml"), "--no-container-names"]
        }

        /// Opens of others while the agent begins, which are not judged yet: few, but where all is emulated.
        private let others = Machine.scale == 1 ? 71 : 1009

        @Test(arguments: [
            "where.path = '/etc/hostname'", "where.path.prefix = '/etc/hostn'", "where.path.glob = '/etc/host[n]am?'",
            "where.all = [{path = '/etc/hostname'}, {result.ge = 0}]",
        ])
        func `opens of other paths than rules want, and those that fail, are not produced`(condition: String) throws {
            let options = try rules("name = 'r'\ntracer = 'open'\n\(condition)")
            var pid: pid_t = 0
            let result = try AgentRun.around("exit", options) {
                pid = try workload("open", "23", "/etc/hostname").pid
                try workload("open", "2003", "/etc/passwd")
                _ = try Child.check(["/usr/bin/perl", "-e", "for (1..2003) { open F, '<', '/no/such' }"])
            }
            let told = result.events("process_file", pid: pid)
            #expect(told.count == 23 && told.allSatisfy { $0.text("path") == "/etc/hostname" })
            #expect(result.books.row("open").produced < 23 + others, "\(result.books.row("open"))")
            #expect(result.books.totalLost == 0 && result.books.unexplained == [])
        }

        @Test(arguments: ["comm = 'nobody'", "binary = '/no/such'", "uid = 54321"])
        func `an execution that no rule wants by its names has nothing produced from its first open on`(
            condition: String
        )
            throws
        {
            let options = try rules("name = 'r'\ntracer = 'open'\nwhere.process.\(condition)")
            let forks = "for (1..401) { if (!fork) { for (1..5) { open F, '<', '/etc/hostname' } exit } wait }"
            let result = try AgentRun.around("exit", options) {
                _ = try Child.check(["/usr/bin/perl", "-e", forks])
                try shell("i=0; while [ $i -lt 97 ]; do /bin/true; i=$((i+1)); done")
            }
            #expect(result.books.row("open").produced < others, "\(result.books.row("open"))")
        }

        @Test func `An execution that a rule wants by its number is told from its first open on`() throws {
            let gate = folder("gate")
            let process = try Child([
                "/usr/bin/perl", "-e",
                "until (-e '\(gate)') { select undef, undef, undef, 0.01 } exec '\(try Products.workload())', 'open', '23', '/etc/hostname'",
            ])
            let options = try rules("name = 'r'\ntracer = 'open'\nwhere.process.pid = \(process.pid)")
            let result = try AgentRun.around("exit", options) {
                _ = try folder.write("", to: "gate")
                _ = try process.wait()
            }
            let opens = result.events("process_file", pid: process.pid)
            #expect(opens.count { $0.text("path") == "/etc/hostname" } == 23)
            #expect(opens.contains { $0.text("path")?.contains("/libc") == true })
        }

        @Test func `An execution that a rule wants by a name is told from its first open on`() throws {
            let name = URL(fileURLWithPath: try Products.workload()).lastPathComponent
            let options = try rules("name = 'r'\ntracer = 'open'\nwhere.process.comm = '\(name)'")
            var pids: [pid_t] = []
            let result = try AgentRun.around("exit", options) {
                for _ in 0..<7 { pids.append(try workload("open", "23", "/etc/hostname").pid) }
            }
            for pid in pids {
                let opens = result.events("process_file", pid: pid)
                #expect(opens.count { $0.text("path") == "/etc/hostname" } == 23)
                // The linker's, before it does anything of its own.
                #expect(opens.contains { $0.text("path")?.contains("/libc") == true })
            }
        }

        @Test func `Connections of other addresses than rules want are not produced`() throws {
            let options = try rules("name = 'r'\ntracer = 'tcp'\nwhere.daddr.cidr = '127.0.0.2/32'")
            var pid: pid_t = 0
            let result = try AgentRun.around("exit", options) {
                pid = try workload("tcp-refused", "23", "127.0.0.2").pid
                try workload("tcp-refused", "97", "127.0.0.1")
                try workload("tcp-refused", "97", "::1")
            }
            let told = result.events.filter { $0.kind == "process_tcp" }
            #expect(told.count { $0.text("operation") == "connect" && $0.pid == Int(pid) } == 23)
            #expect(told.allSatisfy { $0.text("daddr") == "127.0.0.2" })
            // Sockets that are there already are found, and filtered.
            #expect(result.books.row("tcp").filtered < 97, "\(result.books.row("tcp"))")
        }

        @Test func `Connections of other ports than rules want are not produced`() throws {
            let port = 23_456
            let options = try rules("name = 'r'\ntracer = 'tcp'\nwhere.dport = \(port)")
            let result = try AgentRun.around("exit", options) {
                for _ in 0..<23 { refused(port) }
                for other in [port - 1, port + 1, 23, 65_535] { for _ in 0..<97 { refused(other) } }
            }
            let told = result.events.filter { $0.kind == "process_tcp" }
            #expect(told.count { $0.text("operation") == "connect" && $0.pid == Int(getpid()) } == 23)
            #expect(told.allSatisfy { $0.number("dport") == port })
            #expect(result.books.row("tcp").filtered < 97, "\(result.books.row("tcp"))")
        }

        /// Connects to a port on which nobody listens.
        private func refused(_ port: Int) {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            _ = withUnsafeBytes(of: &address) { bytes in
                connect(
                    descriptor,
                    bytes.assumingMemoryBound(to: sockaddr.self).baseAddress,
                    socklen_t(bytes.count)
                )
            }
        }

        @Test func `A process that no rule wants connects without being told`() throws {
            let options = try rules("name = 'r'\ntracer = 'tcp'\nwhere.process.comm = 'nobody'")
            let result = try AgentRun.around("exit", options) { try workload("tcp-refused", "997", "127.0.0.1") }
            // States that change in an interrupt are produced, since it is not known there what their owner runs now: of the
            // three of each connect it is one at most.
            #expect(!result.events.contains { $0.kind == "process_tcp" })
            #expect(result.books.row("tcp").produced < 997 + 97, "\(result.books.row("tcp"))")
        }

        @Test(arguments: [["--process", "workload"], ["--process", "*/workload"], ["--path", "/etc/hostname"]])
        func `what a filter of the command line does not choose is not produced`(options: [String]) throws {
            // It is there already when the agent comes, and waits for a file.
            let gate = folder("gate")
            let process = try Child([
                "/usr/bin/perl", "-e",
                "until (-e '\(gate)') { select undef, undef, undef, 0.01 } for (1..2003) { open F, '<', '/etc/passwd' }",
            ])
            var pid: pid_t = 0
            let result = try AgentRun.around("open", options) {
                _ = try folder.write("", to: "gate")
                _ = try process.wait()
                pid = try workload("open", "23", "/etc/hostname").pid
            }
            let told = result.events("process_file", pid: pid)
            #expect(told.count { $0.text("path") == "/etc/hostname" } == 23)
            #expect(result.books.row("open").produced < 23 + others, "\(result.books.row("open"))")
            #expect(result.books.totalLost == 0 && result.books.unexplained == [])
        }
    }
}
