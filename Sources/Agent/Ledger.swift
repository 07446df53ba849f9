import Model
import Probes

/// The books of a run: every event that was due, and what became of it.
package struct Ledger: Sendable {
    package var produced = KindCounts()
    package var written = KindCounts()
    package var filtered = KindCounts()
    package var lost = LossTotals()
    /// Came after the hold: written, but out of order.
    package var late: UInt64 = 0
    /// Did not come into the recording, as far as they passed the filter.
    package var unrecorded: UInt64 = 0
    /// Seconds that it speaks of.
    package var seconds = 0.0

    package init() {}

    /// The kinds that the kernel counts and that the user can see.
    static let kinds: [EventKind] = [.fork, .exec, .execFailed, .exit, .open, .tcp, .shell]

    /// What the books do not explain; nothing, once the hooks are off and the rings are empty.
    package func unexplained(_ kind: EventKind) -> Int64 {
        Int64(produced[kind]) - Int64(written[kind]) - Int64(filtered[kind]) - Int64(lost.total(kind))
    }

    /// Whoever read the events went away, as `head` does when it has enough.
    package var readerLeft = false
    /// Whether an output refused events: then a run has not done what it was asked for.
    package var hasFailed: Bool { lost.total(.sinkFailed) > 0 && !readerLeft || unrecorded > 0 }

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
        if heartbeats > 0 { lines.append("\(heartbeats) of the agent's own heartbeats did not arrive either") }
        if unrecorded > 0 { lines.append("\(unrecorded) events are not in the recording: the log says why") }
        if late > 0 { lines.append("\(late) events came late and are marked: out of order, otherwise whole") }
        return lines.joined(separator: "\n")
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        let head = name + String(repeating: " ", count: max(0, 12 - name.utf8.count))
        return head + cells.map { String(repeating: " ", count: max(1, 12 - $0.utf8.count)) + $0 }.joined()
    }
}
