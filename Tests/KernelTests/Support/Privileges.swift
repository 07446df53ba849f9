/// What programs are started through, to have less than root.
enum Privileges {
    /// An ordinary user with CAP_BPF and CAP_PERFMON.
    static let twoCapabilities =
        unlimitedMaps + [
            "setpriv", "--reuid", "1001", "--regid", "1001", "--clear-groups", "--inh-caps", "-all,+bpf,+perfmon",
            "--ambient-caps", "-all,+bpf,+perfmon",
        ]

    /// Before 5.11 maps count against RLIMIT_MEMLOCK.
    private static let unlimitedMaps = Machine.kernel < (5, 11) ? ["prlimit", "--memlock=unlimited"] : []
}
