extension Metric {
    static let agent: [Metric] = [
        Metric("martlet_build_info", .gauge, by: ["version"], "1, and the version.") {
            [Sample(by: [$0.status.version], 1)]
        },
        Metric(
            "martlet_machine_info",
            .gauge,
            by: ["node", "kernel"],
            "1, the machine's name in events, and its kernel."
        ) {
            [Sample(by: [$0.status.node, $0.status.kernel], 1)]
        },
        Metric("martlet_uptime_seconds", .gauge, "How long the agent has watched.") {
            [Sample(seconds: $0.status.uptime)]
        },
        Metric(
            "martlet_observation_up",
            .gauge,
            by: ["observation"],
            "1: what was asked for is watched; 0: this kernel or a lack of rights forbids it, and the log says which."
        ) { source in source.status.observations.map { Sample(by: [$0.name], $0.problem == nil ? 1 : 0) } },
        Metric("martlet_processes", .gauge, "Rows of the process table.") { [Sample($0.status.processes)] },
    ]

    static let kernel: [Metric] = [
        Metric("martlet_ring_bytes", .gauge, by: ["ring"], "The size of a ring between kernel and agent.") { source in
            source.status.rings.map { Sample(by: [$0.name], $0.bytes) }
        },
        Metric(
            "martlet_ring_used_bytes",
            .gauge,
            by: ["ring"],
            "Bytes that wait in a ring for the agent; when it is full, events are lost (ring_full)."
        ) { source in source.status.rings.map { Sample(by: [$0.name], $0.used) } },
        Metric(
            "martlet_bpf_program_runs_total",
            .counter,
            by: ["program"],
            "Runs of a kernel program. Only with bpf-stats."
        ) { source in source.status.programs.map { Sample(by: [$0.name], $0.runs) } },
        Metric(
            "martlet_bpf_program_run_seconds_total",
            .counter,
            by: ["program"],
            "Time that a kernel program has taken, from hook to end, in those that it interrupts. Only with bpf-stats."
        ) { source in source.status.programs.map { Sample(by: [$0.name], seconds: Double($0.nanoseconds) / 1e9) } },
    ]

    /// As every exporter names them.
    static let process: [Metric] = [
        Metric("process_cpu_seconds_total", .counter, "CPU time of the agent, user and system.") {
            [Sample(seconds: $0.process.cpu)]
        },
        Metric(
            "process_resident_memory_bytes",
            .gauge,
            "Resident memory of the agent. Rings are in it twice, since they are mapped twice."
        ) { [Sample($0.process.resident)] },
        Metric("process_open_fds", .gauge, "Descriptors that the agent has open.") { [Sample($0.process.descriptors)] },
        Metric("process_max_fds", .gauge, "How many descriptors it may have open.") {
            [Sample($0.process.descriptorLimit)]
        },
        Metric("process_threads", .gauge, "Threads of the agent.") { [Sample($0.process.threads)] },
        Metric("process_start_time_seconds", .gauge, "When the agent started, in seconds since 1970.") {
            [Sample(seconds: $0.process.start)]
        },
    ]
}
