import FoundationEssentials
import UserInput

/// What was found in policies, for machines: `docs/policies.md` has its fields.
package struct PolicyReport: Encodable {
    private struct Problem: Encodable {
        let file: String
        let line: Int
        let column: Int
        let severity: InputProblem.Severity
        let path: String
        let what: String
    }

    private let version = 1
    private let policies: [PolicyDescription]
    private let problems: [Problem]

    /// Reports on policies that were read, and on what becomes of them on a kernel.
    package init(_ collection: PolicyCollection, on kernel: some KernelFacts) {
        self.init(collection, collection.policies.map { PolicyDescription($0, on: kernel) })
    }

    /// Reports on policies that were read.
    package init(_ collection: PolicyCollection) {
        self.init(collection, collection.policies.map { PolicyDescription($0) })
    }

    private init(_ collection: PolicyCollection, _ policies: [PolicyDescription]) {
        self.policies = policies
        problems = collection.problems.map {
            Problem(
                file: $0.place.file,
                line: $0.place.line,
                column: $0.place.column,
                severity: $0.severity,
                path: $0.path,
                what: $0.what
            )
        }
    }

    /// As one object.
    package var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }
}
