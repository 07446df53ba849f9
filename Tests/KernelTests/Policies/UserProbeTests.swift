import BPF
import Foundation
import Probes
import Testing

private let takesUprobes = [Upgrade.uprobeMulti, .uprobe].contains { upgrade in
    if case .works = upgrade.attempt() { true } else { false }
}

extension Kernel {
    /// USDT probes and functions of a program, by policies of a running agent.
    @Suite(.enabled(if: takesUprobes, "this kernel takes no uprobes"))
    struct UserProbeTests {
        /// The agent's answer to a workload that passes each of its probes 23 times.
        private func run(_ section: String, _ hooks: String..., text: String = "") throws -> Seen {
            let program = try Products.workload()
            let folder = try TemporaryFolder()
            let lines = hooks.map { "    - {path: \"\(program)\", \($0)}" }
            let file = try folder.write(
                PolicyFile.text("probes", "  \(section):\n" + lines.joined(separator: "\n")),
                to: "policy.yaml"
            )
            let kind = section == "usdts" ? "usdt" : "uprobe"
            let run = try AgentRun(kind, ["--policy", file])
            let (pid, outcome) = try workload("probes", "23", text)
            let result = try run.stop()
            #expect(result.books.unexplained == [], "\(result.outcome.errors)")
            return Seen(events: result.events("process_\(kind)", pid: pid), counted: outcome.number("counted"))
        }

        private struct Seen {
            let events: [Event]
            /// How often the program found that it is watched.
            let counted: Int?
        }

        @Test func `Constants, registers, memory and texts of a probe are read`() throws {
            let seen = try run(
                "usdts",
                """
                provider: workload, name: passed, message: noted, tags: [test], args: [{index: 0}, {index: 1}, {index: 2},
                      {index: 3, type: string}, {index: 4, type: string, label: again}, {index: 1, type: int64}, {index: 5},
                      {index: 3, type: char_buf, sizeArgIndex: 7}]
                """,
                text: "what it says"
            )
            #expect(seen.events.count == 23)
            for (number, event) in seen.events.enumerated() {
                #expect(event.argumentNumber(0, "int_arg") == -5)
                #expect(event.argumentNumber(1, "int_arg") == -number)
                #expect(event.argumentText(2, "size_arg") == "\(1000 + number)")
                #expect(event.argumentText(3, "string_arg") == "what it says")
                #expect(event.argumentText(4, "string_arg") == "what it says")
                #expect(event.argumentText(5, "long_arg") == "\(-number)")
                #expect(event.argumentNumber(6, "uint_arg") == Int(UInt32(bitPattern: Int32(-number))))
                #expect(event.argumentText(7, "bytes_arg") == Data("what".utf8).base64EncodedString())
            }
            let event = try #require(seen.events.first)
            #expect(event.text("provider") == "workload" && event.text("name") == "passed")
            #expect(event.text("path") == (try Products.workload()) && event.text("message") == "noted")
            #expect(event.policy == "probes" && event.list("tags") == ["test"])
        }

        @Test func `Conditions on arguments of probes are checked in the kernel`() throws {
            func passed(_ selector: String) throws -> [Int?] {
                try run(
                    "usdts",
                    """
                    provider: workload, name: passed, args: [{index: 1}, {index: 2}, {index: 3, type: string}],
                          selectors: [{matchArgs: [\(selector)]}]
                    """,
                    text: "wanted"
                ).events.map { $0.argumentNumber(0, "int_arg") }
            }
            #expect(try passed("{index: 1, operator: Equal, values: [\"-3\", \"-7\"]}") == [-3, -7])
            #expect(try passed("{index: 2, operator: Equal, values: [\"1005\"]}") == [-5])
            #expect(try passed("{index: 1, operator: LT, values: [\"-20\"]}") == [-21, -22])
            #expect(try passed("{index: 3, operator: Prefix, values: [want]}").count == 23)
            #expect(try passed("{index: 3, operator: Equal, values: [other]}").isEmpty)
        }

        @Test func `All places of a probe are watched, wherever their arguments lie`() throws {
            let seen = try run("usdts", "provider: workload, name: two, args: [{index: 0}]")
            #expect(seen.events.count == 46)
            let numbers = seen.events.map { $0.argumentNumber(0, "int_arg") }
            #expect(numbers == (0..<23).flatMap { [$0, $0] })
        }

        @Test func `An argument in an array is found by base, index and scale`() throws {
            let seen = try run("usdts", "provider: workload, name: element, args: [{index: 0}]")
            #expect(seen.events.map { $0.argumentNumber(0, "uint_arg") } == (0..<23).map { 100 + $0 & 3 })
        }

        @Test func `A program that asks who watches is told, and only while it is`() throws {
            let seen = try run("usdts", "provider: workload, name: counted, args: [{index: 0}]")
            #expect(seen.counted == 23)
            #expect(seen.events.map { $0.argumentText(0, "size_arg") } == (0..<23).map { "\($0)" })
            #expect(try workload("probes", "23").outcome.number("counted") == 0)
            #expect(try run("usdts", "provider: workload, name: passed").counted == 0)
        }

        /// Before Linux 6.6 each place has a program of its own.
        @Test func `Several functions of a program are watched by one hook`() throws {
            let seen = try run(
                "uprobes",
                "symbols: [workload_probed, main], args: [{index: 0, type: int}], selectors: [{matchArgs: [{index: 0, operator: Equal, values: [\"4\"]}]}]",
                text: "x"
            )
            #expect(seen.events.map { $0.text("symbol") } == ["main"])
        }
    }
}
