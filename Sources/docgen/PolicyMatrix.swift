import Policies

/// The matrix of `docs/policies.md`: type × operator × section × kernel, from the results of tests. What no test ran is
/// untested.
enum PolicyMatrix {
    private struct Key: Hashable {
        let section: String
        let type: String
        let comparison: String
    }

    private static let (begin, end) = ("<!-- matrix -->", "<!-- end of matrix -->")
    private static let sections = [
        "kprobes", "fentries", "lsmhooks", "tracepoints", "raw tracepoints", "uprobes", "syscalls",
    ]
    /// What conditions on the process look like in the lines of results.
    private static let processConditions: [(String, [String])] = [
        ("matchPIDs", ["In", "NotIn"]), ("matchBinaries", BinaryFilter.Operator.allCases.map(\.rawValue)),
        ("matchParentBinaries", BinaryFilter.Operator.allCases.map(\.rawValue)), ("matchNamespaces", ["In", "NotIn"]),
        ("matchCapabilities", ["In", "NotIn"]),
    ]

    /// The document with the matrix between its marks.
    static func text(_ document: String, results: String) -> String? {
        guard let first = document.range(of: begin), let last = document.range(of: end) else { return nil }
        return document[..<first.upperBound] + "\n" + matrix(results) + document[last.lowerBound...]
    }

    private static func matrix(_ results: String) -> String {
        var outcomes: [Key: [String: Set<String>]] = [:]
        var kernels: Set<String> = []
        for line in results.split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 6 else { continue }
            let type = ArgumentType(name: fields[2])?.rawValue ?? fields[2]
            let key = Key(section: fields[0], type: type, comparison: fields[3])
            outcomes[key, default: [:]][fields[4], default: []].insert(fields[5])
            kernels.insert(fields[4])
        }
        let order = kernels.sorted { number($0) < number($1) }
        var lines = ["| type | operator | " + sections.joined(separator: " | ") + " |"]
        lines.append("|---|---|" + String(repeating: "---|", count: sections.count))
        for (type, comparisons) in rows {
            for comparison in comparisons {
                let cells = sections.map { section in
                    cell(outcomes[Key(section: section, type: type, comparison: comparison)] ?? [:], order)
                }
                let name = comparison == "read" ? "(told)" : comparison
                lines.append("| `\(type)` | \(name) | " + cells.joined(separator: " | ") + " |")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// 5.10 comes before 6.1, and that before 6.12.
    private static func number(_ series: String) -> Int {
        series.split(separator: ".").reduce(0) { $0 * 1000 + (Int($1) ?? 0) }
    }

    private static var rows: [(String, [String])] {
        ArgumentType.allCases.map { type in
            let fits = FilterOperator.allCases.filter { type != .automatic && $0.fits(type) }.map(\.rawValue)
            return (type.rawValue, fits + ["read"])
        } + processConditions
    }

    /// One that failed anywhere counts as failed; one place that cannot be loaded does not speak for others.
    private static func cell(_ results: [String: Set<String>], _ kernels: [String]) -> String {
        guard !results.isEmpty else { return "untested" }
        var series: [String: [String]] = [:]
        for kernel in kernels {
            let outcome = results[kernel] ?? []
            let word = ["no", "yes", "not loadable"].first { outcome.contains($0) } ?? "untested"
            series[word, default: []].append(kernel)
        }
        return ["yes", "no", "not loadable", "untested"].compactMap { word in
            guard let list = series[word] else { return nil }
            return list.count == kernels.count ? word : "\(word): \(list.joined(separator: " "))"
        }.joined(separator: "; ")
    }
}
