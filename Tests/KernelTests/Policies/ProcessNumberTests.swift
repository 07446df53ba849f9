import Foundation
import Glibc
import Testing

extension Kernel {
    /// Conditions on the number of the process itself.
    @Suite struct ProcessNumberTests {
        /// One that waits to be continued, and then opens a file 23 times.
        private func stopped() throws -> Child {
            let workload = try Products.workload()
            let child = try Child(["/bin/sh", "-c", "kill -STOP $$; exec '\(workload)' open-fail 23 /martlet-none"])
            var status: Int32 = 0
            let seen = waitpid(child.pid, &status, WUNTRACED)
            try #require(seen == child.pid && status & 0xff == 0x7f)
            return child
        }

        private func opens(_ comparison: String, _ pid: pid_t, _ more: String = "") -> String {
            """
              kprobes:
                - call: sys_openat
                  syscall: true
                  args: [{index: 1, type: string}]
                  selectors:
                    - matchArgs: [{index: 1, operator: Equal, values: [/martlet-none]}]
                      matchPIDs: [{operator: \(comparison), values: [\(pid)]\(more)}]
            """
        }

        @Test func `matchPIDs finds the calls of these processes, or those of all others`() throws {
            let (first, second) = (try stopped(), try stopped())
            let run = try HookRun()
            try run.add(policy: "in", opens("In", first.pid))
            try run.add(policy: "not", opens("NotIn", first.pid))
            try run.add(policy: "own", opens("In", first.pid, ", isNamespacePID: true"))
            first.signal(SIGCONT)
            second.signal(SIGCONT)
            _ = (try first.wait(), try second.wait())
            let told = Dictionary(grouping: run.calls(), by: \.policy)
            #expect(told.mapValues(\.count) == ["in": 23, "not": 23, "own": 23])
            #expect(told["in"]?.allSatisfy { $0.call.header.tgid == UInt32(first.pid) } == true)
            #expect(told["not"]?.allSatisfy { $0.call.header.tgid == UInt32(second.pid) } == true)
        }
    }
}
