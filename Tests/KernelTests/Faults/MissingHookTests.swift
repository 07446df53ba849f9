import Foundation
import Glibc
import Logging
import Model
import Probes
import Testing

extension Kernel {
    @Suite struct MissingHookTests {
        /// Runs `body` with only so many file descriptors more than are open now.
        private func withDescriptors<Result>(_ more: Int, _ body: () throws -> Result) rethrows -> Result {
            let free = open("/dev/null", O_RDONLY | O_CLOEXEC)
            close(free)
            var old = rlimit()
            getrlimit(Int32(RLIMIT_NOFILE.rawValue), &old)
            var new = rlimit(rlim_cur: rlim_t(Int(free) + more), rlim_max: old.rlim_max)
            setrlimit(Int32(RLIMIT_NOFILE.rawValue), &new)
            defer { setrlimit(Int32(RLIMIT_NOFILE.rawValue), &old) }
            return try body()
        }

        /// Objects are loaded one by one, opens last: somewhere between none and all it is there that descriptors run out.
        @Test func `A hook that does not load costs its own events, loudly, and no others`() throws {
            var settings = ProbeSettings()
            settings.observations = Observation.minimum.union([.execFailed, .open])
            var found: KernelProbes?
            for count in stride(from: 30, through: 96, by: 2) {
                let probes = try? withDescriptors(count) {
                    try KernelProbes(settings, logger: Logger(label: ""))
                }
                guard let probes, probes.missing.map(\.observation) == [.open] else { continue }
                found = probes
                break
            }
            let probes = try #require(found)
            // or what libbpf makes of it
            #expect([EMFILE, EINVAL].contains(probes.missing[0].error.errno))
            let before = try probes.counts()
            try workload("exec", "23", "/bin/true", "one")
            try workload("exec-fail", "5", "/nonexistent")
            let after = try probes.counts()
            let grown = { (kind: EventKind) in (after[kind]?.produced ?? 0) - (before[kind]?.produced ?? 0) }
            // the two workloads themselves, and what else the machine runs
            #expect(grown(.exec) >= 25)
            #expect(grown(.exit) >= 25)
            #expect(grown(.execFailed) >= 5)
            #expect(grown(.open) == 0)
        }
    }
}
