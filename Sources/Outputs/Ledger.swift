import Model

/// The books of a run: every event that was due, and what became of it.
package struct Ledger: Sendable {
    package var produced = KindCounts()
    package var written = KindCounts()
    package var filtered = KindCounts()
    package var lost = LossTotals()
    /// In the spool of the output that `written` is about, for the next start.
    package var waiting = KindCounts()
    /// Came after the hold: written, but out of order.
    package var late: UInt64 = 0
    /// Did not come into the recording, as far as they passed the filter.
    package var unrecorded: UInt64 = 0
    /// Seconds that it speaks of.
    package var seconds = 0.0

    /// What became of the events that earlier runs left in the outputs' spools; they are in none of the other numbers.
    package var earlier: [Output] = []
    /// What became of the events in the outputs behind the first: those above are of the first, or of all.
    package var further: [Output] = []

    package init() {}

    /// One further output's account.
    package struct Output: Sendable {
        package var name: String
        package var counts: OutputCounts
        package var readerLeft = false

        package init(name: String, counts: OutputCounts, readerLeft: Bool = false) {
            self.name = name
            self.counts = counts
            self.readerLeft = readerLeft
        }
    }

    /// The kinds that the kernel counts and that the user can see.
    package static let kinds = EventKind.allCases.filter { $0.isToldByHooks && $0 != .heartbeat }

    /// What the books do not explain; nothing, once the hooks are off and the rings are empty.
    package func unexplained(_ kind: EventKind) -> Int64 {
        Int64(produced[kind]) - Int64(written[kind]) - Int64(waiting[kind]) - Int64(filtered[kind])
            - Int64(lost.total(kind))
    }

    /// The same of a further output, which loses what all lose and what it loses by itself.
    package func unexplained(_ kind: EventKind, in output: Output) -> Int64 {
        let counts = output.counts
        let common = lost.total(kind) - OutputCounts.reasons.reduce(0) { $0 + lost[kind, $1] }
        let own = OutputCounts.reasons.reduce(counts.delivered[kind] + counts.waiting[kind]) {
            $0 + counts.lost($1)[kind]
        }
        return Int64(produced[kind]) - Int64(own) - Int64(filtered[kind]) - Int64(common)
    }

    /// Whoever read the events went away, as `head` does when it has enough.
    package var readerLeft = false
    /// An output failed as often as it may, and that was the end.
    package var isExhausted = false
    /// Whether an output refused events: then a run has not done what it was asked for.
    package var hasFailed: Bool {
        lost.total(.sinkFailed) > 0 && !readerLeft || unrecorded > 0 || isExhausted
            || further.contains { $0.counts.failed.total > 0 && !$0.readerLeft }
    }

    /// A table for people.
    package var text: String {
        let shown = Self.kinds.filter { produced[$0] > 0 || lost.total($0) > 0 }
        let total = { (value: (EventKind) -> UInt64) in shown.reduce(UInt64(0)) { $0 + value($1) } }
        // The agent's own, which nobody asked for: apart.
        let heartbeats = lost.total(.heartbeat)
        let lostTotal = lost.total - heartbeats
        let tenths = Int(seconds * 10)
        var lines = [
            "\(tenths / 10).\(tenths % 10) s, \(total { produced[$0] }) events: \(total { written[$0] }) written, "
                + "\(total { filtered[$0] }) filtered out, \(lostTotal) lost"
        ]
        if !shown.isEmpty {
            lines.append(Self.row("", ["produced", "written", "filtered", "lost"]))
            for kind in shown {
                lines.append(
                    Self.row(
                        "\(kind.name)",
                        [produced[kind], written[kind], filtered[kind], lost.total(kind)].map(String.init)
                    )
                )
                let missing = unexplained(kind)
                if missing != 0 { lines.append("    \(missing) \(kind.name) events on their way, or unexplained") }
            }
        }
        for reason in DropReason.allCases {
            let count = lost.total(reason) - lost[.heartbeat, reason]
            if count > 0 { lines.append("lost \(count) by \(reason.name): \(reason.remedy)") }
        }
        let spooled = total { waiting[$0] }
        if spooled > 0 { lines.append("\(spooled) events wait in the spool and are delivered after the next start") }
        lines += further.map(line)
        lines += earlier.compactMap(earlierLine)
        if heartbeats > 0 { lines.append("\(heartbeats) of the agent's own heartbeats did not arrive either") }
        if unrecorded > 0 { lines.append("\(unrecorded) events are not in the recording: the log says why") }
        if late > 0 { lines.append("\(late) events came late and are marked: out of order, otherwise whole") }
        return lines.joined(separator: "\n")
    }

    /// What a further output has to say: its own losses by reason, and what does not add up.
    private func line(_ output: Output) -> String {
        let counts = output.counts
        let sum = { (counts: KindCounts) in Self.kinds.reduce(UInt64(0)) { $0 + counts[$1] } }
        var line = "\(output.name): \(sum(counts.delivered)) written, \(counts.lostTotal) lost"
        let reasons = OutputCounts.reasons.map { ($0, counts.lost($0).total) }.filter { $0.1 > 0 }
        if !reasons.isEmpty { line += " (\(reasons.map { "\($0.1) by \($0.0.name)" }.joined(separator: ", ")))" }
        let waiting = sum(counts.waiting)
        if waiting > 0 { line += ", \(waiting) waiting in the spool" }
        let missing = Self.kinds.reduce(Int64(0)) { $0 + abs(unexplained($1, in: output)) }
        return missing == 0 ? line : line + ", \(missing) on their way, or unexplained"
    }

    /// What an output has to say of earlier runs' events, if there were any.
    private func earlierLine(_ output: Output) -> String? {
        let counts = output.counts
        guard counts.delivered.total + counts.lostTotal > 0 else { return nil }
        let reasons = OutputCounts.reasons.map { ($0, counts.lost($0).total) }.filter { $0.1 > 0 }
        let lost = reasons.map { ", \($0.1) lost by \($0.0.name)" }.joined()
        return "\(output.name): of what earlier runs left in its spool \(counts.delivered.total) written\(lost)"
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        let head = name + String(repeating: " ", count: max(0, 12 - name.utf8.count))
        return head + cells.map { String(repeating: " ", count: max(1, 12 - $0.utf8.count)) + $0 }.joined()
    }
}

extension LossTotals {
    /// Adds what an output lost.
    package static func += (totals: inout LossTotals, counts: OutputCounts) {
        for reason in OutputCounts.reasons {
            let lost = counts.lost(reason)
            for kind in EventKind.allCases where lost[kind] > 0 { totals[kind, reason] += lost[kind] }
        }
    }
}
