/// What programs are started through, to have less than root.
enum Privileges {
    /// An ordinary user with CAP_BPF and CAP_PERFMON.
    static let twoCapabilities =
        unlimitedMaps + [
            "setpriv", "--reuid", "1001", "--regid", "1001", "--clear-groups", "--inh-caps", "-all,+bpf,+perfmon",
            "--ambient-caps", "-all,+bpf,+perfmon",
        ]

    /// Where neither tracefs nor debugfs is mounted, in a mount namespace of the program's own.
    static let withoutTracefs = [
        "unshare", "-m", "--propagation", "private", "/bin/sh", "-c",
        """
        umount -R /sys/kernel/tracing 2> /dev/null; umount -R /sys/kernel/debug 2> /dev/null
        if grep -qE ' (tracefs|debugfs) ' /proc/self/mounts; then exit 99; fi
        exec "$@"
        """, "sh",
    ]

    /// As user 1001, with nothing.
    static let none = unlimitedMaps + ["setpriv", "--reuid", "1001", "--regid", "1001", "--clear-groups"]

    /// Before 5.11 maps count against RLIMIT_MEMLOCK.
    private static let unlimitedMaps = Machine.kernel < (5, 11) ? ["prlimit", "--memlock=unlimited"] : []
}
