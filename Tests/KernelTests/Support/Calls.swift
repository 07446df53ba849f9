import Policies

/// System calls for `workload calls`, by name: what a test has a program do.
struct Calls {
    private var groups: [[String]] = []

    /// Steps such as `["openat", "-100", "s:/dev/null", "0"]`, so many times.
    mutating func add(_ count: Int, _ steps: [String]...) { add(count, steps) }

    mutating func add(_ count: Int, _ steps: [[String]]) {
        let words = steps.map { step in [Self.number(step[0])] + step.dropFirst() }
        groups.append(["\(count)"] + words.joined(separator: ["+"]))
    }

    private static func number(_ name: String) -> String {
        SystemCallTable.own.call("sys_\(name)").map { "\($0.number)" } ?? name
    }

    /// Does them, in a process of their own, from the first to the last.
    func run() throws {
        var words = [try Products.workload(), "calls"]
        for (index, group) in groups.enumerated() { words += (index > 0 ? [","] : []) + group }
        let outcome = try Child(words).wait()
        guard outcome.code == 0 else { throw Child.Failure(description: "workload calls: \(outcome.errors)") }
    }
}
