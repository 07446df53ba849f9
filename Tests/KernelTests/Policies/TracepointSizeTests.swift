import CWire
import Foundation
import Glibc
import Probes
import Testing

extension Kernel {
    /// Buffers in tracepoints' records, whose length is another field.
    @Suite struct TracepointSizeTests {
        private static let hasRecords: Bool = {
            guard case .works = Upgrade.tracepoint.attempt() else { return false }
            return access("/sys/kernel/tracing/events/syscalls/sys_enter_write/format", R_OK) == 0
        }()

        /// Fields: four common ones, the call's number, fd, buf, count.
        @Test(.enabled(if: hasRecords, "tracefs is not there, or there are no tracepoints of system calls"))
        func `A buffer is as long as another field of the record says`() throws {
            let workload = Machine.resolved(try Products.workload())
            let run = try HookRun()
            try run.add(
                policy: "writes",
                """
                  tracepoints:
                    - subsystem: syscalls
                      event: sys_enter_write
                      args: [{index: 6, type: char_buf, sizeArgIndex: 8}, {index: 7, type: uint64}]
                      selectors: [{matchBinaries: [{operator: In, values: ["\(workload)"]}]}]
                """
            )
            var calls = Calls()
            calls.add(23, ["write", "-1", "s:written and not", "7"])
            calls.add(19, ["write", "-1", "s:written and not", "15"])
            calls.add(17, ["write", "-1", "s:written and not", "0"])
            try calls.run()
            let told = run.calls()
            func count(_ text: String) -> Int {
                told.count { call in
                    call.argument(0)?.marks == 0 && call.argument(0)?.payload == Array(text.utf8)
                        && call.shownNumber(1) == UInt64(text.utf8.count)
                }
            }
            #expect(count("written") == 23)
            #expect(count("written and not") == 19)
            #expect(count("") == 17)
        }
    }
}
