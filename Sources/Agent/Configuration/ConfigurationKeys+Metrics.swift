import API

extension ConfigurationKey {
    static let metrics: [ConfigurationKey] = [
        ConfigurationKey(
            "metrics-socket",
            .form("the path of a unix socket, at most \(UnixListener.longestPath) bytes, or none") {
                let isPath = $0.hasPrefix("/") && $0.utf8.count <= UnixListener.longestPath && !$0.utf8.contains(0)
                return isPath || $0 == "none" ? $0 : nil
            },
            standard: MetricsOptions.standardSocket,
            "Where the daemon tells metrics; otherwise beside its control socket."
        ) { $0.metrics.socket = $1 == "none" ? .none : .path($1) },
        ConfigurationKey(
            "metrics-address",
            .form(
                "127.0.0.1:PORT or [::1]:PORT: only this machine's loopback, as nobody has to say who they are; others come "
                    + "through a reverse proxy with TLS in front",
                LoopbackAddress.init
            ),
            "Where the daemon tells metrics over TCP too."
        ) { $0.metrics.address = $1 },
        ConfigurationKey(
            "bpf-stats",
            .boolean,
            standard: "false",
            "The kernel measures what BPF programs cost, all of the machine: some 80 ns more for each run. Takes CAP_SYS_ADMIN at the start."
        ) { $0.measuresPrograms = $1 },
    ]
}
