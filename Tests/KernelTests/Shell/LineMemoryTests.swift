import Foundation
import Glibc
import Testing

extension Kernel {
    /// Lines of any length and in any place: the workload has a function of readline's name.
    @Suite struct LineMemoryTests {
        /// Starts the agent and waits until it knows the workload, which it learns of when that begins.
        private func agent(_ options: [String] = []) throws -> AgentRun {
            let agent = try AgentRun("shell", options)
            try workload("readline", "end", "0")
            try #require(
                eventually(within: Machine.scale == 1 ? 20 : 120) {
                    agent.child.errors.split(separator: "\n").contains {
                        $0.contains("watching readline") && $0.contains("/workload")
                    }
                }
            )
            return agent
        }

        private func letters(_ count: Int) -> String {
            String(decoding: (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }, as: UTF8.self)
        }

        private func events(_ options: [String] = [], _ arguments: String...) throws -> [Event] {
            let agent = try agent(options)
            let child = try Child([try Products.workload(), "readline"] + arguments)
            #expect(try child.wait().code == 0)
            let result = try agent.stop()
            #expect(result.books.unexplained == [])
            #expect(result.books.row("shell").lost == 0)
            return result.events("process_shell", pid: child.pid)
        }

        @Test(arguments: ["line", "border"], [0, 1, 10, 4094, 4095, 4096, 4097, 5000, 32768])
        func `A line is told whole`(kind: String, length: Int) throws {
            let events = try events([], kind, "\(length)", "3")
            #expect(events.count == 3)
            for event in events {
                #expect(event.text("line") == letters(length))
                #expect(event.list("marks") == [])
            }
        }

        @Test(arguments: [
            (32769, 32768, []), (100_000, 65536, ["--line-limit", "65536"]), (5000, 7, ["--line-limit", "7"]),
        ])
        func `A longer one keeps its beginning and is marked`(length: Int, kept: Int, options: [String]) throws {
            let events = try events(options, "line", "\(length)")
            #expect(events.count == 1)
            #expect(events.first?.text("line") == letters(kept))
            #expect(events.first?.list("marks") == ["line_truncated"])
        }

        @Test(arguments: [1, 4095, 4096, 5000])
        func `A line without an end is told up to the end of its memory`(length: Int) throws {
            let events = try events([], "endless", "\(length)")
            #expect(events.count == 1)
            #expect(events.first?.text("line") == letters(length))
            #expect(events.first?.list("marks") == ["line_unreadable"])
        }

        @Test func `A line that cannot be read at all is an event without one`() throws {
            let events = try events([], "nowhere", "0")
            #expect(events.count == 1)
            #expect(events.first?.has("line") == false)
            #expect(events.first?.list("marks") == ["line_unreadable"])
        }

        @Test func `Many processes at once lose no line`() throws {
            let agent = try agent()
            let count = Machine.scaled(2000)
            let children = try (0..<4).map { _ in
                try Child([try Products.workload(), "readline", "line", "200", "\(count)"])
            }
            for child in children { #expect(try child.wait().code == 0) }
            let result = try agent.stop()
            #expect(result.books.row("shell").lost == 0)
            #expect(result.books.unexplained == [])
            for child in children {
                let events = result.events("process_shell", pid: child.pid)
                #expect(events.count == count)
                #expect(events.allSatisfy { $0.text("line") == letters(200) })
            }
        }
    }
}
