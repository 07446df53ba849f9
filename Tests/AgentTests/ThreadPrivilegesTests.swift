import Agent
import Probes
import Testing

/// What the kernel says of a thread, beside what was planned.
@Suite struct ThreadPrivilegesTests {
    private let plan = PrivilegePlan(for: RunOptions(), as: nil, on: KernelAbilities(), holding: [])

    private static let right = """
        Name:\tmartlet
        Uid:\t1001\t1001\t1001\t1001
        Gid:\t100\t100\t100\t100
        CapInh:\t0000000000000000
        CapPrm:\t000000c000000000
        CapEff:\t000000c000000000
        CapBnd:\t0000000000000000
        CapAmb:\t0000000000000000
        NoNewPrivs:\t1
        Seccomp:\t2
        """

    private func differences(_ old: String = "", _ new: String = "") -> [String] {
        ThreadPrivileges(tid: 7, status: old.isEmpty ? Self.right : Self.right.replacing(old, with: new))
            .differences(from: plan, user: 1001, group: 100)
    }

    @Test func aThreadAsPlannedHasNoDifferences() { #expect(differences() == []) }

    @Test(arguments: [
        ("CapEff:\t000000c000000000", "CapEff:\t000000c000200000", "kept CAP_SYS_ADMIN (CapEff)"),
        ("CapPrm:\t000000c000000000", "CapPrm:\t000000c000000002", "kept CAP_DAC_OVERRIDE (CapPrm)"),
        ("CapPrm:\t000000c000000000", "CapPrm:\t0000004000000000", "lacks CAP_BPF (CapPrm)"),
        ("CapInh:\t0000000000000000", "CapInh:\t0000008000000000", "kept CAP_BPF (CapInh)"),
        ("CapAmb:\t0000000000000000", "CapAmb:\t0000000000000001", "kept capability 0 (CapAmb)"),
        ("Uid:\t1001\t1001\t1001\t1001", "Uid:\t1001\t1001\t0\t1001", "Uid is [1001, 1001, 0, 1001], not 1001"),
        ("Gid:\t100\t100\t100\t100", "Gid:\t0\t0\t0\t0", "Gid is [0, 0, 0, 0], not 100"),
        ("NoNewPrivs:\t1", "NoNewPrivs:\t0", "is without no_new_privs"),
        ("Seccomp:\t2", "Seccomp:\t0", "is without the seccomp filter"),
        ("Seccomp:\t2", "", "is without the seccomp filter"),
        ("CapEff:\t000000c000000000\n", "", "CapEff is not told"),
    ]) func whateverDiffersIsNamed(old: String, new: String, told: String) { #expect(differences(old, new) == [told]) }
}
