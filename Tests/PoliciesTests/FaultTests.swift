import Foundation
import Policies
import Testing

/// Every kind of fault, with the very words that are told: `Faults.txt` has them.
@Suite struct FaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let told: [String]

        var testDescription: String { name }
    }

    /// `=== NAME`, the policy, and lines with `>> ` for what is told. After `!!` comes a whole file, otherwise a spec.
    static let all: [Fault] = {
        let url = Reading.folder.appending(path: "Faults.txt")
        let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "=== ").dropFirst().map { part in
            let lines = part.components(separatedBy: "\n").dropLast()
            let told = lines.dropFirst().filter { $0.hasPrefix(">> ") }.map { String($0.dropFirst(3)) }
            var body = lines.dropFirst().filter { !$0.hasPrefix(">> ") }
            let isWhole = body.first == "!!"
            if isWhole { body.removeFirst() }
            // What an editor would not show.
            let text = body.joined(separator: "\n")
                .replacingOccurrences(of: "LONG257", with: String(repeating: "x", count: 257))
                .replacingOccurrences(of: "PRIVATE", with: "\u{e001}")
                .replacingOccurrences(of: "LINESEP", with: "\u{2028}")
            return Fault(name: lines.first ?? "", text: isWhole ? text + "\n" : Reading.policy(text), told: told)
        }
    }()

    @Test func thereAreFaults() { #expect(Self.all.count > 35) }

    @Test(arguments: all) func isToldInTheseWords(_ fault: Fault) {
        #expect(Reading.problems(fault.text) == fault.told)
        // Whatever is an error leaves no policy behind but those of other documents.
        let collection = Reading.read(fault.text)
        #expect(collection.isRight == fault.told.allSatisfy { $0.contains(": warning: ") })
    }
}
