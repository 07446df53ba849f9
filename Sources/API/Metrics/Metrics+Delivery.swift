import Model
import Outputs

extension Metric {
    static let outputs: [Metric] = [
        Metric(
            "martlet_output_queue_events",
            .gauge,
            by: ["output"],
            "Events that wait for an output."
        ) { source in source.status.outputs.map { Sample(by: [$0.name], $0.status.queue.events) } },
        Metric(
            "martlet_output_queue_limit_events",
            .gauge,
            by: ["output"],
            "How many events may wait for an output; further ones are lost (queue_full)."
        ) { source in source.status.outputs.map { Sample(by: [$0.name], $0.status.queue.eventLimit) } },
        Metric(
            "martlet_output_queue_bytes",
            .gauge,
            by: ["output"],
            "Memory of the batches that wait for an output."
        ) { source in source.status.outputs.map { Sample(by: [$0.name], $0.status.queue.bytes) } },
        Metric(
            "martlet_output_queue_limit_bytes",
            .gauge,
            by: ["output"],
            "How much memory may wait for an output; further events are lost (queue_full)."
        ) { source in source.status.outputs.map { Sample(by: [$0.name], $0.status.queue.byteLimit) } },
        Metric(
            "martlet_output_latency_seconds",
            .histogram,
            by: ["output"],
            "From the kernel's hook to the end of the write, for each event that was written and that a hook told."
        ) { source in source.status.outputs.map { Sample(by: [$0.name], $0.status.latency) } },
        Metric(
            "martlet_output_failing",
            .gauge,
            by: ["output"],
            "1 while an output does not take events and is tried again; martlet status says why."
        ) { source in source.status.outputs.map { Sample(by: [$0.name], $0.status.problem == nil ? 0 : 1) } },
        Metric(
            "martlet_output_spool_events",
            .gauge,
            by: ["output"],
            "Events in an output's spool that the output has not confirmed."
        ) { source in spools(source) { $0.events } },
        Metric(
            "martlet_output_spool_bytes",
            .gauge,
            by: ["output"],
            "Bytes of the spool's files, with what in them is delivered already."
        ) { source in spools(source) { $0.bytes } },
        Metric(
            "martlet_output_spool_limit_bytes",
            .gauge,
            by: ["output"],
            "How large the spool's files grow; then the oldest events are lost (spool_limit)."
        ) { source in spools(source) { $0.byteLimit } },
        Metric(
            "martlet_output_spool_failing",
            .gauge,
            by: ["output"],
            "1 while the spool cannot be written to disk, and events wait in memory alone."
        ) { source in spools(source) { $0.problem == nil ? 0 : 1 } },
    ]

    private static func spools(_ source: MetricsSource, _ value: (SpoolUse) -> Int) -> [Sample] {
        source.status.outputs.compactMap { output in
            output.status.spool.map { Sample(by: [output.name], value($0)) }
        }
    }

    /// All clients together: a series for each would be one for each that ever came.
    static let clients: [Metric] = [
        Metric("martlet_clients", .gauge, "Clients that stream events now.") {
            [Sample($0.status.clients.count)]
        },
        Metric("martlet_client_queue_events", .gauge, "Events that wait for clients.") {
            [Sample($0.status.clients.reduce(0) { $0 + $1.queued })]
        },
        Metric("martlet_client_events_sent_total", .counter, by: ["event"], "Events that were sent to clients.") {
            source in
            told.map { Sample(by: ["\($0.name)"], source.status.streamed.sent[$0]) }
        },
        Metric(
            "martlet_client_events_dropped_total",
            .counter,
            by: ["event"],
            "Events that clients did not take in time; each client is told of its own."
        ) { source in told.map { Sample(by: ["\($0.name)"], source.status.streamed.dropped[$0]) } },
    ]
}
