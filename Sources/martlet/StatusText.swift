import MartletV1

/// A status as people read it.
enum StatusText {
    static func of(_ status: Martlet_V1_GetStatusResponse) -> String {
        let configuration = status.configuration.isEmpty ? "no configuration file" : status.configuration
        var lines = [
            "martlet \(status.version) on \(status.node), Linux \(status.kernel)",
            row(
                "process",
                "pid \(status.pid), uid \(status.uid), \(status.memoryBytes >> 20) MiB, up \(time(status.uptimeSeconds))"
            ),
            row("configured", configuration),
        ]
        if !status.capabilities.isEmpty { lines.append(row("privileges", status.capabilities.joined(separator: ", "))) }
        let working = status.observations.filter(\.working).map(\.name).joined(separator: ", ")
        lines.append(row("watches", "\(working); \(status.processes) processes"))
        lines += status.observations.filter { !$0.working }.map { row("missing", "\($0.name): \($0.problem)") }
        lines.append(row("events", "\(status.produced) produced, \(status.lost) lost"))
        for output in status.outputs {
            let spooled = output.spooled > 0 ? ", \(output.spooled) in the spool" : ""
            let counts = "\(output.written) written, \(output.lost) lost, \(output.queued) waiting\(spooled)"
            lines.append(row("output", "\(output.name): \(counts)"))
            if !output.problem.isEmpty { lines.append(row("failing", output.problem)) }
        }
        lines += status.clients.map {
            row("client", "\(who($0)): \($0.sent) sent, \($0.dropped) dropped, \($0.queued) waiting")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func who(_ client: Martlet_V1_Client) -> String {
        client.address.isEmpty ? "pid \(client.pid), uid \(client.uid)" : client.address
    }

    private static func row(_ name: String, _ text: String) -> String {
        "  " + name + String(repeating: " ", count: max(1, 12 - name.utf8.count)) + text
    }

    /// "3 d 4 h", "4 h 5 min", "5 min 6 s", "6 s".
    private static func time(_ seconds: Double) -> String {
        let whole = Int(seconds)
        let parts = [(whole / 86400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")]
        let first = parts.firstIndex { $0.0 > 0 } ?? 3
        return parts[first...].prefix(2).map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
