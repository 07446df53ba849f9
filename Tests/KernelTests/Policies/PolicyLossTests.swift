import Foundation
import Testing

extension Kernel {
    /// What is told as lost while policies come and go.
    @Suite struct PolicyLossTests {
        /// All that loss events of a run say.
        private func told(_ events: [Event]) -> [String: Int] {
            events.filter { $0.kind == "loss" }.reduce(into: [:]) {
                $0[$1.text("reason") ?? "?", default: 0] += Int($1.text("count") ?? "") ?? 0
            }
        }

        /// The kernel counts the calls that it does not show; while a policy loads, nobody may look at that number.
        @Test func `Policies that come and go under load lose nothing, and tell of no loss`() throws {
            let folder = try TemporaryFolder()
            let steady = try folder.write(PolicyFile.opens("steady", of: "/martlet-none"), to: "steady.yaml")
            let passing = PolicyFile.text(
                "passing",
                """
                  kprobes:
                    - call: sys_getpgid
                      syscall: true
                      args: [{index: 0, type: int}]
                      selectors: [{matchArgs: [{index: 0, operator: Equal, values: ["-7777"]}]}]
                    - call: sys_openat
                      syscall: true
                      args: [{index: 1, type: string}]
                      selectors: [{matchArgs: [{index: 1, operator: Postfix, values: [/martlet-other]}]}]
                """
            )
            let file = try folder.write(passing, to: "passing.yaml")
            let daemon = try DaemonRun(
                "event: [kprobe, loss]\npolicy: [\(steady)]\nformat: json\nsink: [file:\(folder("events"))]\n"
            )
            // Most of the load is told by nobody: no output is to be the bottleneck.
            let (count, more) = (Machine.scaled(10_007, least: 997), Machine.scaled(200_003, least: 5_003))
            let load = try [(count, "/martlet-none"), (more, "/martlet-more"), (more, "/martlet-more")].map {
                try Child([try Products.workload(), "open-fail", "\($0)", $1])
            }
            for _ in 0..<5 {
                #expect(try daemon.policy("add", [file]).code == 0)
                #expect(try daemon.policy("rm", ["passing"]).code == 0)
            }
            for child in load { _ = try child.wait(seconds: 200) }
            let (books, outcome) = try daemon.stop()
            let events = try AgentRun.parse(Machine.contents(folder("events")))
            let losses = told(events)
            #expect(outcome.code == 0 && books.unexplained == [] && books.totalLost == 0)
            #expect(books.isAll(events.count { $0.policy == "steady" }, of: count))
            // Where the kernel does leave some out, each is told once.
            let allTold = losses.filter { $0.key != "reentered" }
            #expect(allTold.isEmpty, "\(losses)")
            #expect((losses["reentered"] ?? 0) == books.missed, "\(losses)")
        }
    }
}
