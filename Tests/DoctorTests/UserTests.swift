import Doctor
import Probes
import Testing

/// What `doctor --user` concludes from what a process may do.
@Suite struct UserTests {
    private static let new = KernelAbilities()
    private static let old = KernelAbilities(hasUprobeLinks: false)

    private func check(
        _ observation: Observation,
        _ held: CapabilitySet,
        _ kernel: KernelAbilities = new,
        tried: Check.Verdict = .ok
    ) -> Check {
        let found = Check(.observations, observation.rawValue, tried, "2 events while trying", need: .feature)
        return Doctor.privileged(found, observation, held, kernel)
    }

    @Test func `Two capabilities are enough for all but typed lines`() {
        for observation in Observation.allCases where observation != .shell {
            let check = check(observation, [.bpf, .perfmon])
            #expect(check.verdict == .ok)
            #expect(check.privileges?.map(\.name) == ["CAP_BPF", "CAP_PERFMON"])
            #expect(check.privileges?.allSatisfy(\.held) == true)
        }
    }

    @Test func `What is missing is named, and nothing else counts then`() {
        let check = check(.open, [.bpf], tried: .notApplicable)
        #expect(check.verdict == .failed)
        #expect(check.found == "not with these privileges: CAP_PERFMON is missing")
        #expect(check.remedy == "add CAP_PERFMON")
        #expect(check.privileges?.map(\.held) == [true, false])
    }

    @Test func `Typed lines work with two capabilities, and tell what more would add`() {
        let check = check(.shell, [.bpf, .perfmon])
        #expect(check.verdict == .degraded)
        #expect(check.found == "2 events while trying; less than with CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE")
        let last = check.privileges?.last
        #expect(last?.helper == "martlet-look")
        #expect(last?.required == false)
    }

    @Test func `Typed lines of older kernels need a third, and from when on they do not`() {
        let check = check(.shell, [.bpf, .perfmon, .sysPtrace, .dacReadSearch], Self.old)
        #expect(check.verdict == .failed)
        #expect(check.found == "not with these privileges: CAP_SYS_ADMIN is missing")
        let need = check.privileges?.first { $0.name == "CAP_SYS_ADMIN" }
        #expect(need?.until == "Linux 6.6")
        #expect(need?.helper == "martlet-attach")
    }

    @Test func `CAP_SYS_ADMIN stands for both that tracing asks for`() {
        #expect(check(.exec, [.sysAdmin]).verdict == .ok)
    }

    @Test func `A kernel's refusal stays what it is`() {
        let check = check(.tcp, [.bpf, .perfmon], tried: .failed)
        #expect(check.verdict == .failed)
        #expect(check.found == "2 events while trying")
    }

    @Test func `Both forms tell the privileges`() throws {
        let checks = [check(.exec, [.bpf, .perfmon]), check(.shell, [.bpf, .perfmon], Self.old)]
        let report = Report(martlet: "1", kernel: "6", architecture: "x", checks: checks)
        let text = report.text(colored: false)
        #expect(text.contains("has   CAP_BPF: loading kernel programs and maps\n"))
        #expect(
            text.contains(
                "lacks CAP_SYS_ADMIN, which martlet-attach keeps: hooks on functions of files; not needed from Linux 6.6 on\n"
            )
        )
        #expect(try Report(json: try report.json.utf8) == report)
        let plain = Report(martlet: "1", kernel: "6", architecture: "x", checks: [Check(.kernel, "a", .ok, "b")])
        #expect(!(try plain.json).contains("privileges\" :"))
    }
}
