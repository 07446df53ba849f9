import Foundation
import Testing

extension Kernel {
    /// Calls from which two processes or threads return.
    @Suite struct NewProcessTests {
        private static let calls = "[sys_clone, sys_clone3, sys_fork, sys_vfork]"

        private func watch(_ run: HookRun, _ program: String) throws {
            let list = Self.calls.dropFirst().dropLast().split(separator: ",")
            let hooks = list.map { call in
                """
                    - call: \(call.trimmingCharacters(in: .whitespaces))
                      syscall: true
                      return: true
                      returnArg: {index: 0, type: int64}
                      selectors: [{matchBinaries: [{operator: In, values: ["\(Machine.resolved(program))"]}]}]
                """
            }
            try run.add(policy: "makes", "  kprobes:\n" + hooks.joined(separator: "\n"))
        }

        private func check(_ run: HookRun, _ count: Int, _ maker: pid_t) {
            let told = run.calls()
            #expect(told.count == count)
            #expect(told.allSatisfy { $0.call.header.tgid == UInt32(maker) })
            #expect(told.allSatisfy { Int64(bitPattern: $0.shownNumber(0) ?? 0) > Int64(1) })
        }

        @Test func `A fork is told by its parent alone`() throws {
            let run = try HookRun()
            try watch(run, try Products.workload())
            let (pid, _) = try workload("fork", "23")
            check(run, 23, pid)
        }

        @Test func `A new thread is told by its maker alone`() throws {
            let folder = try TemporaryFolder()
            let run = try HookRun()
            try watch(run, try Products.workload())
            let (pid, _) = try workload("open-threads", "23", "23", folder("thread"))
            check(run, 23, pid)
        }

        /// Shells do this by vfork or fork, as they please.
        @Test func `A program that a shell runs is told by the shell alone`() throws {
            let run = try HookRun()
            try watch(run, "/bin/sh")
            let (pid, _) = try shell(String(repeating: "/bin/true; ", count: 23) + ":")
            check(run, 23, pid)
        }
    }
}
