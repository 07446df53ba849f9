import Foundation
import Testing

extension Kernel {
    @Suite struct ClockTests {
        @Test func `In a time namespace events have the time of the machine, in order, and none is late`() throws {
            let before = Date()
            // Signals do not come through unshare: it ends by itself. Before 6.3 only a fork enters the namespace.
            let run = try AgentRun(
                "exec",
                ["--process", "true", "--count", "23"],
                through: ["unshare", "--time", "--boottime", "1000000", "--fork"]
            )
            let (pid, _) = try workload("exec", "23", "/bin/true")
            let result = try run.finish()
            let execs = result.children("process_exec", of: pid)
            #expect(execs.count == 23)
            let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            let times = try execs.map { try Date($0.time, strategy: format) }
            // CLOCK_BOOTTIME of the namespace is eleven days ahead
            #expect(times.allSatisfy { $0 > before.addingTimeInterval(-1) && $0 < Date().addingTimeInterval(1) })
            #expect(times == times.sorted())
            #expect(execs.allSatisfy { !$0.list("marks").contains("late") })
            #expect(!result.outcome.errors.contains("came late"))
        }
    }
}
