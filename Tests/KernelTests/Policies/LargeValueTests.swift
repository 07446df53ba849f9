import CWire
import Foundation
import Testing

extension Kernel {
    /// Values that fill a record, and what stands behind them.
    @Suite struct LargeValueTests {
        private static let longMessage = String(repeating: "message ", count: 31) + "and its end"

        /// sendto(fd, buffer, length, flags, address, its length), where the address is any bytes.
        private func told(_ first: Int, _ second: Int) throws -> [HookRun.Call] {
            let workload = Machine.resolved(try Products.workload())
            let run = try HookRun()
            try run.add(
                policy: "large",
                """
                  kprobes:
                    - call: sys_sendto
                      syscall: true
                      message: "\(Self.longMessage)"
                      tags: [first.tag, second.tag]
                      args:
                        - {index: 1, type: char_buf, maxData: true, sizeArgIndex: 3}
                        - {index: 4, type: char_buf, maxData: true, sizeArgIndex: 6}
                        - {index: 3, type: int}
                      selectors:
                        - label: labelled
                          matchBinaries: [{operator: In, values: ["\(workload)"]}]
                """
            )
            var calls = Calls()
            calls.add(
                23,
                ["sendto", "-1", "s:" + text("a", first), "\(first)", "77", "s:" + text("b", second), "\(second)"]
            )
            try calls.run()
            return run.calls()
        }

        private func text(_ letter: Character, _ count: Int) -> String { String(repeating: letter, count: count) }

        private func isNamed(_ call: HookRun.Call) -> Bool {
            call.policy == "large" && call.message == Self.longMessage && call.tags == ["first.tag", "second.tag"]
                && call.label == "labelled" && call.function.hasSuffix("sys_sendto")
        }

        @Test func `Two of them leave room for the policy's name, message and tags`() throws {
            let calls = try told(32_000, 32_768)
            #expect(calls.count == 23)
            #expect(calls.allSatisfy(isNamed))
            #expect(calls.allSatisfy { $0.argument(0)?.payload == Array(text("a", 32_000).utf8) })
            #expect(calls.allSatisfy { $0.argument(1)?.payload == Array(text("b", 32_768).utf8) })
        }

        @Test func `What is longer than the record is marked, and takes nothing from the rest`() throws {
            let calls = try told(40_000, 40_000)
            #expect(calls.count == 23)
            #expect(calls.allSatisfy(isNamed))
            for call in calls {
                let whole = [call.argument(0), call.argument(1)].compactMap(\.self)
                #expect(!whole.isEmpty && whole.allSatisfy { $0.payload.count == 32_768 })
                #expect(whole.allSatisfy { $0.marks == UInt32(MT_VALUE_TRUNCATED) })
                #expect(whole.count == 2 || call.call.marks & UInt32(MT_CALL_VALUES_TRUNCATED) != 0)
            }
        }
    }
}
