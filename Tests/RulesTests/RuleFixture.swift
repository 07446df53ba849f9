import Fixtures
import Formats
import Model
import Rules
import Testing

/// Rules out of text, and events to hold against them.
struct RuleFixture {
    static let who = Who(41, start: 5000)
    static let parent = Who(7, start: 100)

    static func read(_ toml: String, file: String = "rules.toml") -> RuleCollection {
        var collection = RuleCollection()
        collection.read(Array(toml.utf8), file: file)
        return collection
    }

    /// What is wrong with a text, in lines.
    static func problems(_ toml: String, file: String = "rules.toml") -> [String] {
        read(toml, file: file).problems.map { "\($0)" }
    }

    /// Rules that must hold.
    static func rules(_ toml: String) throws -> RuleSet {
        let collection = read(toml)
        try #require(collection.problems.isEmpty, "\(collection.problems)")
        return collection.set
    }

    /// The names of the rules that each event of these records matches; nil: it is not wanted.
    static func verdicts(_ rules: RuleSet, _ records: [[UInt8]], pipeline: Pipeline = Pipeline()) -> [[String]?] {
        let matcher = RuleMatcher(rules)
        let batch = pipeline.batch(records)
        return batch.events.indices.map { index in
            let event = batch.events[index]
            guard let verdict = matcher.judge(event, batch.record(event)) else { return nil }
            return verdict?.rules.map(\.name) ?? []
        }
    }

    /// Opens of these paths by one process.
    static func opens(_ paths: String...) -> [[UInt8]] {
        paths.enumerated().map { Records.open(who, at: 6000 + UInt64($0.offset), name: $0.element, path: $0.element) }
    }
}
