import API
import Agent
import Doctor
import Formats
import Foundation

// Prints the document that its argument names: `make docs` keeps events.md, configuration.md and metrics.md in docs/, scripts/kernels kernels.md.
let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "events" where arguments.count == 1:
    print(EventsDocument.text, terminator: "")
case "configuration" where arguments.count == 1:
    print(ConfigurationDocument.text, terminator: "")
case "metrics" where arguments.count == 1:
    print(MetricsDocument.text, terminator: "")
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
    print("usage: docgen events | configuration | metrics | kernels TITLE=REPORT.json...")
    exit(2)
}

func split(_ argument: String) -> (title: String, path: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    return parts.count == 2 ? (parts[0], parts[1]) : (argument, argument)
}
