import CWire
import Filters
import Foundation
import Model
import Probes
import Testing

extension Kernel {
    @Suite struct HookTests {
        /// openat, whose arguments are there when it returns.
        private static let openat = HookPoint(
            .syscallExit,
            [HookPoint.Function(symbol: "openat", name: "__x64_sys_openat", number: 257)]
        )
        private static let name = Reading(.argument(1), read: MT_READ_STRING, value: MT_VALUE_TEXT)
        private static let result = Reading(.returned, read: MT_READ_NUMBER, value: MT_VALUE_INT, width: 4, isSigned: true)

        private func opens(_ conditions: [Condition], policy: String = "opens", posts: Bool = true) -> HookRequest {
            HookRequest(
                Self.openat,
                kind: .kprobe,
                policy: policy,
                readings: [Self.name, Self.result],
                shown: [HookRequest.Shown(reading: 0), HookRequest.Shown(reading: 1, role: MT_ROLE_RETURN)],
                rows: [HookRequest.Row(label: "one", conditions: conditions, posts: posts)]
            )
        }

        private func text(_ test: Condition.Test, not isNegated: Bool = false) -> Condition {
            Condition(.value(0, .whole), test, isNegated: isNegated)
        }

        private func bytes(_ text: String) -> Set<[UInt8]> { [Array(text.utf8)] }

        @Test func `Exactly the calls that a condition holds for are told, with arguments and result`() throws {
            let folder = try TemporaryFolder()
            let path = folder("wanted")
            try Data().write(to: URL(filePath: path))
            let run = try HookRun()
            try run.add(opens([text(.texts(bytes(path)))]))
            _ = try Child.run(try Products.workload(), "open", "23", path)
            _ = try Child.run(try Products.workload(), "open", "17", "/dev/null")
            let calls = run.calls()
            #expect(calls.count == 23)
            #expect(calls.allSatisfy { $0.text(0) == path && $0.policy == "opens" && $0.label == "one" })
            #expect(calls.allSatisfy { $0.function == "__x64_sys_openat" && Int64(bitPattern: $0.number(1) ?? 0) >= 3 })
        }
    }
}
