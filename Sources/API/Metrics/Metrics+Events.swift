import Model
import Outputs

extension Metric {
    /// What the kernel told, and what became of it before the outputs.
    static let events: [Metric] = [
        Metric(
            "martlet_events_produced_total",
            .counter,
            by: ["event"],
            "Events that were due: the kernel counts them before it tries to tell them."
        ) { source in counted.map { Sample(by: ["\($0.name)"], source.status.ledger.produced[$0]) } },
        Metric(
            "martlet_events_filtered_total",
            .counter,
            by: ["event"],
            "Events that a filter took out before the outputs."
        ) { source in told.map { Sample(by: ["\($0.name)"], source.status.ledger.filtered[$0]) } },
        Metric(
            "martlet_events_written_total",
            .counter,
            by: ["event", "output"],
            "Events that an output has written."
        ) { source in
            source.status.outputs.flatMap { output in
                told.map { Sample(by: ["\($0.name)", output.name], output.counts.delivered[$0]) }
            }
        },
        Metric(
            "martlet_events_lost_total",
            .counter,
            by: ["event", "reason", "output"],
            "Events that were lost. Those without an output are missing in all of them; an unknown event is one that could "
                + "not even be told apart."
        ) { source in lostBefore(source.status.ledger.lost) + source.status.outputs.flatMap(lost) },
        Metric(
            "martlet_events_late_total",
            .counter,
            "Events that came after the hold: written and whole, but out of order."
        ) { [Sample($0.status.ledger.late)] },
        Metric(
            "martlet_events_unrecorded_total",
            .counter,
            "Events that did not come into the recording (record)."
        ) { [Sample($0.status.ledger.unrecorded)] },
    ]

    /// The kinds that outputs and clients may get.
    static let told = EventKind.allCases.filter { $0 != .clock }

    /// The kinds that the kernel counts, the agent's own heartbeats among them.
    private static let counted = Ledger.kinds + [.heartbeat]

    /// Series that are there from the start, so that the first loss is a step and no beginning.
    private static func isAlwaysTold(_ kind: EventKind?, _ reason: DropReason) -> Bool {
        guard let kind else { return reason == .decode || reason == .reentered }
        return counted.contains(kind) && [.ringFull, .scratchBusy, .mapFull, .reentered].contains(reason)
    }

    /// What is lost to all outputs.
    private static func lostBefore(_ totals: LossTotals) -> [Sample] {
        // The books have the first output's own losses among them.
        let reasons = DropReason.allCases.filter { !OutputCounts.reasons.contains($0) }
        return (EventKind.allCases.map(Optional.some) + [nil]).flatMap { kind in
            reasons.filter { isAlwaysTold(kind, $0) || totals[kind, $0] > 0 }.map { reason in
                Sample(by: [kind.map { "\($0.name)" } ?? "unknown", "\(reason.name)", ""], totals[kind, reason])
            }
        }
    }

    /// What one output loses by itself.
    private static func lost(_ output: AgentStatus.Output) -> [Sample] {
        OutputCounts.reasons.flatMap { reason in
            let counts = output.counts.lost(reason)
            // What only a spool can lose is told where there is one.
            let isTold = reason == .queueFull || reason == .sinkFailed || output.status.spool != nil
            return told.filter { isTold || counts[$0] > 0 }.map { kind in
                Sample(by: ["\(kind.name)", "\(reason.name)", output.name], counts[kind])
            }
        }
    }
}
