import Filters
import Foundation
import Testing

extension Kernel {
    /// Which events a rate limit takes for the same one.
    @Suite struct RateLimitTests {
        private func policy(_ workload: String, _ arguments: String, action: String) -> String {
            """
              kprobes:
                - call: sys_openat
                  syscall: true
                  args: [\(arguments)]
                  selectors:
                    - matchBinaries: [{operator: In, values: ["\(workload)"]}]
                      matchArgs: [{index: 1, operator: Prefix, values: [/martlet-none]}]
                      matchActions: [\(action)]
            """
        }

        private static let name = "{index: 1, type: string}"
        private static let limited = "{action: Post, rateLimit: 10m, rateLimitScope: global}"

        private func add(_ name: String, _ more: String = "", _ action: String = limited, to run: HookRun) throws
            -> Hooks.Ticket
        {
            let workload = Machine.resolved(try Products.workload())
            return try run.add(policy: name, policy(workload, Self.name + more, action: action))
        }

        /// Opens with so many different flags and modes.
        private func open(_ name: String, _ count: Int) throws {
            var calls = Calls()
            for mode in 1...count { calls.add(1, ["openat", "-100", "s:\(name)", "0", "\(mode)"]) }
            try calls.run()
        }

        @Test func `It counts by what its own selector shows, not by what others read there`() throws {
            let run = try HookRun()
            let modes = ", {index: 3, type: int}"
            // The one with the mode comes first and last: its readings lie before and behind the others'.
            let first = try add("first", modes, to: run)
            let narrow = try add("narrow", to: run)
            let last = try add("last", modes, "{action: Post}", to: run)
            try open("/martlet-none", 23)
            try open("/martlet-none-other", 19)
            let counts = Dictionary(grouping: run.calls(), by: \.policy).mapValues(\.count)
            #expect(counts == ["first": 42, "narrow": 2, "last": 42])
            let suppressed = [first, narrow, last].map { run.hooks.counts($0)[0].counts[0].suppressed }
            #expect(suppressed == [0, 40, 0])
        }

        @Test func `Addresses and ports tell connections apart`() throws {
            let run = try HookRun()
            let workload = Machine.resolved(try Products.workload())
            let ticket = try run.add(
                policy: "connects",
                """
                  kprobes:
                    - call: sys_connect
                      syscall: true
                      args: [{index: 1, type: sockaddr}]
                      selectors:
                        - matchBinaries: [{operator: In, values: ["\(workload)"]}]
                          matchActions: [\(Self.limited)]
                """
            )
            var calls = Calls()
            for (address, port, count) in [("127.0.0.2", 42001, 7), ("127.0.0.3", 42001, 5), ("127.0.0.2", 42002, 3)] {
                let place = MatrixPlaces.address(address, port)
                calls.add(count, ["socket", "2", "2", "0"], ["connect", "r:0", place, "16"], ["close", "r:0"])
            }
            try calls.run()
            #expect(run.calls().count == 3)
            #expect(run.hooks.counts(ticket)[0].counts[0].suppressed == 12)
        }

        @Test func `A policy that is added again does not inherit what its namesake told`() throws {
            let run = try HookRun()
            let stays = try add("stays", to: run)
            var told: [String: Int] = [:]
            for _ in 0..<3 {
                let passing = try add("passing", to: run)
                try open("/martlet-none", 7)
                for call in run.calls() { told[call.policy, default: 0] += 1 }
                let counts = run.hooks.counts(passing)[0].counts[0]
                #expect(counts.matched == 7 && counts.posted == 1 && counts.suppressed == 6)
                run.hooks.remove(passing)
            }
            #expect(told == ["stays": 1, "passing": 3])
            #expect(run.hooks.counts(stays)[0].counts[0].suppressed == 20)
        }
    }
}
