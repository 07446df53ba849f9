import UserInput

/// What is found wrong while one document is read.
final class PolicyReading {
    private(set) var problems: [InputProblem] = []
    private var isFull = false
    /// What is nearest to a name takes long to find: not for every name of a large file.
    private var suggestions = 100

    func error(_ place: InputPlace, _ path: String, _ what: String) { add(place, path, what, .error) }

    func warning(_ place: InputPlace, _ path: String, _ what: String) { add(place, path, what, .warning) }

    private func add(_ place: InputPlace, _ path: String, _ what: String, _ severity: InputProblem.Severity) {
        guard !isFull else { return }
        if problems.count == PolicyLimits.problems {
            isFull = true
            let what = "\(PolicyLimits.problems) problems so far: the rest of this policy is told when these are mended"
            problems.append(InputProblem(place: place, path: "", what: what, severity: .error))
            return
        }
        problems.append(InputProblem(place: place, path: path, what: what, severity: severity))
    }

    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// The name that was probably meant, as the end of a sentence, or else what is allowed.
    func suggestion(_ name: String, among names: [String], else allowed: String) -> String {
        guard suggestions > 0 else { return allowed }
        suggestions -= 1
        return NearestName.of(name, among: names).map { "did you mean \($0)?" } ?? allowed
    }
}
