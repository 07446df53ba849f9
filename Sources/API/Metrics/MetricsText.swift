import Outputs

/// Metrics as Prometheus reads them: the text exposition format, version 0.0.4.
package enum MetricsText {
    /// What HTTP calls it.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All metrics, in a fixed order.
    package static func render(_ source: MetricsSource) -> String {
        var text = ""
        for metric in Metric.all {
            let samples = metric.samples(source)
            // A type without a sample tells nothing.
            if samples.isEmpty { continue }
            text += "# HELP \(metric.name) \(escaped(metric.summary, quotes: false))\n"
            text += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for sample in samples {
                let labels = zip(metric.labels, sample.labels).filter { !$1.isEmpty }.map {
                    "\($0)=\"\(escaped($1, quotes: true))\""
                }
                switch sample.value {
                case .integer(let value): text += "\(metric.name)\(braced(labels)) \(value)\n"
                case .real(let value): text += "\(metric.name)\(braced(labels)) \(number(value))\n"
                case .histogram(let histogram): append(histogram, metric.name, labels, to: &text)
                }
            }
        }
        return text
    }

    /// Each bucket has all that took no longer: the classes added up.
    private static func append(
        _ histogram: LatencyHistogram,
        _ name: String,
        _ labels: [String],
        to text: inout String
    ) {
        var sum: UInt64 = 0
        for index in 0..<LatencyHistogram.classes {
            sum += histogram.counts[index]
            let bound = LatencyHistogram.bound(index).map { number(Double($0) / 1e9) } ?? "+Inf"
            text += "\(name)_bucket\(braced(labels + ["le=\"\(bound)\""])) \(sum)\n"
        }
        text += "\(name)_sum\(braced(labels)) \(number(Double(histogram.sum) / 1e9))\n"
        text += "\(name)_count\(braced(labels)) \(sum)\n"
    }

    private static func braced(_ labels: [String]) -> String {
        labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : "\(value)"
    }

    /// Backslashes and line ends, and in the values of labels quotes too.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
