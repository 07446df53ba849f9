import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct OpenNameTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        @Test func `A path of 4,095 bytes is told whole`() throws {
            let file = try folder.write("x", to: "file")
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("open-long", file).pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("path") == file }
            #expect(opens.count == 1)
            #expect(opens.first?.text("name")?.utf8.count == 4095)
            #expect(opens.first?.text("name")?.hasSuffix("/./\(file.dropFirst())") == true)
            #expect(opens.first?.list("marks") == [])
        }

        @Test func `A path longer than any buffer keeps its end and is marked`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("open-deep", folder.path).pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("name") == "leaf" }
            let open = try #require(opens.first)
            #expect(opens.count == 1)
            #expect(open.list("marks") == ["path_truncated"])
            let path = try #require(open.text("path"))
            let whole =
                (0..<160).map { String(format: "/directory-%03d-of-a-path-that-no-buffer-holds", $0) }.joined()
                + "/leaf"
            #expect(path.utf8.count > 3000)
            #expect((folder.path + whole).hasSuffix(path))
        }

        @Test func `A name ending right before an unmapped page is whole`() throws {
            let file = try folder.write("x", to: "file")
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("open-border", file).pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("path") == file }
            #expect(opens.map { $0.text("name") } == [file])
            #expect(opens.first?.list("marks") == [])
        }

        @Test func `Bytes that are no UTF-8, newlines and ESC keep JSON valid and are marked`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("open-bytes", folder.path).pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("path")?.contains("/bytes-") == true }
            let open = try #require(opens.first)
            #expect(opens.count == 1)
            // what is escaped has its backslashes doubled, so that it can be turned back
            let name = #"bytes-\xff\xfe-"# + "\n-\u{1b}-\"-\\\\-end"
            #expect(open.text("name") == name)
            #expect(open.text("path") == folder(name))
            #expect(Set(open.list("escaped")) == ["name", "path"])
            #expect(!result.outcome.output.contains("\u{1b}"))
        }

        @Test func `In compact form no byte of a name reaches the terminal as a control`() throws {
            let run = try AgentRun("open", format: "compact")
            try workload("open-bytes", folder.path)
            run.child.signal(SIGINT)
            let outcome = try run.child.wait()
            let line = try #require(outcome.output.split(separator: "\n").first { $0.contains("bytes-") })
            #expect(line.contains("-end"))
            #expect(!line.utf8.contains { $0 < 0x20 || $0 == 0x7f })
        }
    }
}
