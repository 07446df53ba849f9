import BPF
import Foundation
import Logging
import Probes
import Testing

extension Kernel {
    @Suite struct KernelUseTests {
        private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

        @Test func `What waits in the rings is told, and what programs cost once the kernel measures`() throws {
            let measuring = try BPFRunTime()
            var settings = ProbeSettings()
            settings.observations = [.open]
            settings.pool = 2
            settings.setRings(bytes: 1 << 20)
            let probes = try KernelProbes(settings, logger: Self.quiet)
            // Nobody reads these rings.
            for _ in 0..<20 { _ = try Child.run("/bin/true") }
            let rings = probes.ringUse()
            #expect(rings.map(\.name) == ["life_cycle", "pool_1", "pool_2"])
            #expect(rings.map(\.bytes) == [8 << 20, 1 << 20, 1 << 20])
            #expect(rings[0].used > 20 * 100 && rings[0].used <= rings[0].bytes)
            #expect(rings[1].used + rings[2].used > 0)
            let costs = try probes.programCosts()
            let exec = try #require(costs.first { $0.name == "process_exec" })
            #expect(exec.runs >= 20 && exec.nanoseconds > 20 * 50)
            #expect(costs.contains { $0.name == "syscall_exit" })
            _ = consume measuring
        }

        @Test func `A run tells what its programs cost when it is asked`() throws {
            let run = try AgentRun("exec", ["--bpf-stats"])
            for _ in 0..<5 { _ = try Child.run("/bin/true") }
            let errors = try run.stop().outcome.errors
            #expect(
                errors.contains(/kernel program process_exec: [0-9]+ runs, [0-9]+ ms, [1-9][0-9]* ns each/),
                "\(errors)"
            )
        }
    }
}
