import API
import Agent
import Doctor
import Formats
import Foundation

// Prints the document that its argument names: `make docs` keeps events.md, configuration.md, metrics.md and the matrix in
// policies.md in docs/, scripts/kernels kernels.md.
let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "events" where arguments.count == 1:
    print(EventsDocument.text, terminator: "")
case "configuration" where arguments.count == 1:
    print(ConfigurationDocument.text, terminator: "")
case "metrics" where arguments.count == 1:
    print(MetricsDocument.text, terminator: "")
case "policies" where arguments.count == 1:
    do {
        let document = try String(contentsOfFile: "docs/policies.md", encoding: .utf8)
        let results = try String(contentsOfFile: "docs/policies-matrix.tsv", encoding: .utf8)
        guard let text = PolicyMatrix.text(document, results: results) else {
            print("docgen: docs/policies.md has no place for the matrix")
            exit(1)
        }
        print(text, terminator: "")
    } catch {
        print("docgen: what the matrix comes from cannot be read: \(error)")
        exit(1)
    }
case "kernels" where arguments.count > 1:
    do {
        let columns = try arguments.dropFirst().map { argument in
            let (title, path) = split(argument)
            return KernelsDocument.Column(title: title, report: try Report(json: Data(contentsOf: URL(filePath: path))))
        }
        print(KernelsDocument.text(columns), terminator: "")
    } catch {
        print("docgen: a report cannot be read: \(error)")
        exit(1)
    }
default:
    print("usage: docgen events | configuration | metrics | policies | kernels TITLE=REPORT.json...")
    exit(2)
}

func split(_ argument: String) -> (title: String, path: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    return parts.count == 2 ? (parts[0], parts[1]) : (argument, argument)
}
