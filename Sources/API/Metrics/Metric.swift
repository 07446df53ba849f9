import Outputs

/// Something that the agent tells in numbers: the one entry that text, documentation and tests have it from.
package struct Metric: Sendable {
    /// What Prometheus calls its type.
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// With its unit, and `_total` when it counts.
    package let name: String
    package let kind: Kind
    /// The names of its labels.
    package let labels: [String]
    /// One sentence or two.
    package let summary: String
    /// What it is now, for each of its labels' values.
    let samples: @Sendable (MetricsSource) -> [Sample]

    init(
        _ name: String,
        _ kind: Kind,
        by labels: [String] = [],
        _ summary: String,
        _ samples: @escaping @Sendable (MetricsSource) -> [Sample]
    ) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.summary = summary
        self.samples = samples
    }

    /// One number, or histogram, and the values of its labels, as many as the metric has.
    struct Sample {
        enum Value {
            case integer(UInt64)
            case real(Double)
            case histogram(LatencyHistogram)
        }

        let labels: [String]
        let value: Value

        init(by labels: [String] = [], _ value: UInt64) {
            self.labels = labels
            self.value = .integer(value)
        }

        init(by labels: [String] = [], _ value: Int) { self.init(by: labels, UInt64(max(0, value))) }

        init(by labels: [String] = [], seconds: Double) {
            self.labels = labels
            value = .real(seconds)
        }

        init(by labels: [String], _ histogram: LatencyHistogram) {
            self.labels = labels
            value = .histogram(histogram)
        }
    }
}

extension Metric {
    /// All of them, in the order in which they are told.
    package static let all = agent + events + outputs + clients + kernel + process

    /// The names that queries have for it.
    package var seriesNames: [String] {
        kind == .histogram ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
    }
}

/// What metrics are taken from.
package struct MetricsSource: Sendable {
    package var status: AgentStatus
    package var process: ProcessUse

    package init(_ status: AgentStatus, process: ProcessUse) {
        self.status = status
        self.process = process
        // Two series with the same labels would have Prometheus refuse all of them; a file and a store can share a name.
        var seen: [String: Int] = [:]
        for index in status.outputs.indices {
            let name = status.outputs[index].name
            seen[name, default: 0] += 1
            if let count = seen[name], count > 1 { self.status.outputs[index].name = "\(name) (\(count))" }
        }
    }
}
