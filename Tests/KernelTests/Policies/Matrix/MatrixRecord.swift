import Foundation

/// What `docs/policies-matrix.tsv` says became of cases on this series of kernels.
struct MatrixRecord {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../../docs/policies-matrix.tsv").standardizedFileURL

    private var outcomes: [[String]: Set<String>] = [:]

    init(series: String = MatrixResult.series) throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 6, fields[4] == series else { continue }
            outcomes[Array(fields.prefix(4)), default: []].insert(fields[5])
        }
    }

    var count: Int { outcomes.count }

    /// Whether a case found its calls once, and is now left out with a reason. (That it finds others is a fault anyhow.)
    func isLost(_ result: MatrixResult) -> Bool {
        let key = [result.section, result.call, result.type, result.comparison]
        return result.outcome == .notLoadable && outcomes[key] == ["yes"]
    }
}
