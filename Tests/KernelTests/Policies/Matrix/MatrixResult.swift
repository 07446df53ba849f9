import Foundation

/// What became of a case on one kernel: a line of `docs/policies-matrix.tsv`.
struct MatrixResult {
    enum Outcome: String {
        case yes, no
        case notLoadable = "not loadable"
    }

    let section: String
    let call: String
    let type: String
    let comparison: String
    let outcome: Outcome
    let detail: String

    /// As the lines call this kernel.
    static var series: String { "\(Machine.kernel.0).\(Machine.kernel.1)" }

    var line: String {
        [
            section, call, type, comparison, Self.series, outcome.rawValue,
            String(detail.prefix(200)).replacing("\t", with: " ").replacing("\n", with: " "),
        ]
        .joined(separator: "\t")
    }

    /// Adds lines to the file that MARTLET_MATRIX_OUT names.
    static func write(_ results: [MatrixResult]) throws {
        guard let path = ProcessInfo.processInfo.environment["MARTLET_MATRIX_OUT"] else { return }
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(results.map { $0.line + "\n" }.joined().utf8))
    }
}
