import Foundation
import Testing

extension Kernel {
    /// Two sets of capabilities at one function: what the second has and the first has not.
    @Suite(.enabled(if: KernelFunctions.ofProgramsCanBeHooked, "this kernel takes no uprobes"))
    struct CapabilitiesGainedTests {
        private func add(_ symbol: String, _ hook: String, to run: HookRun) throws {
            let path = Machine.resolved(try Products.workload())
            try run.add(policy: "gained", "  uprobes: [{path: \"\(path)\", symbols: [\(symbol)], \(hook)}]")
        }

        /// Odd levels of workload_descends add CAP_SYS_ADMIN to what they are given.
        @Test(arguments: [(3, 23), (4, 0)])
        func `They are found between an entry and its return`(level: Int, count: Int) throws {
            let run = try HookRun()
            try add(
                "workload_descends",
                """
                return: true, returnArg: {index: 0, type: int64},
                    args: [{index: 0, type: int64}, {index: 1, type: kernel_cap_t}, {index: 1, type: kernel_cap_t, returnCopy: true}],
                    selectors: [{matchArgs: [
                      {index: 0, operator: Equal, values: ["\(level)"]}, {args: [1, 2], operator: CapabilitiesGained}]}]
                """,
                to: run
            )
            var calls = Calls()
            calls.add(23, ["descends", "5"])
            try calls.run()
            let told = run.calls()
            #expect(told.count == count)
            #expect(told.allSatisfy { $0.shownNumber(0) == UInt64(level) && $0.call.marks == 0 })
            #expect(told.allSatisfy { $0.shownNumber(1) == 16 && $0.shownNumber(2) == 16 | 1 << 21 })
        }

        @Test func `Of a set that cannot be read nothing is gained, whatever was read before`() throws {
            let run = try HookRun()
            try add(
                "workload_probed",
                """
                args: [{index: 0, type: kernel_cap_t}, {index: 1, type: kernel_cap_t}],
                    selectors: [{matchArgs: [{args: [0, 1], operator: CapabilitiesGained}]}]
                """,
                to: run
            )
            let (few, many) = ("b:0100000000000000", "b:0300000000000000")
            var calls = Calls()
            calls.add(23, ["probed", few, many])
            calls.add(19, ["probed", few, "0"])
            calls.add(17, ["probed", "0", many])
            calls.add(13, ["probed", many, few])
            try calls.run()
            let told = run.calls()
            #expect(told.count == 23)
            #expect(told.allSatisfy { $0.shownNumber(0) == 1 && $0.shownNumber(1) == 3 })
        }
    }
}
