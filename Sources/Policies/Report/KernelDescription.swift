import Filters
import Probes
import UserInput

/// What becomes of a hook on this kernel, in words, for people and as JSON.
package struct KernelDescription: Sendable, Encodable {
    /// Whether it can be loaded.
    package let loads: Bool
    /// How programs get there; empty where nothing is loaded.
    package let backends: [String]
    /// How many functions, calls or places it watches there.
    package let functions: Int
    /// How many conditions are checked in the kernel, before anything reaches the agent.
    package let conditions: Int
    /// Why it cannot be loaded.
    package let reasons: [String]
    /// What is to be known of it all the same.
    package let warnings: [String]

    /// Describes what was planned for one hook.
    package init(_ hook: PolicyPlan.Hook, on kernel: some KernelFacts) {
        var warnings = hook.warnings.map { "\($0.path): \($0.what)" }
        let requests = hook.requests
        var attachments: [HookPoint.Attachment] = []
        for request in requests where !attachments.contains(request.point.attachment) {
            attachments.append(request.point.attachment)
        }
        for attachment in attachments {
            guard case .unknown(let why) = kernel.availability(of: attachment) else { continue }
            warnings.append("whether \(attachment.words) works could not be tried (\(why)): check as root")
        }
        backends = attachments.map(\.words)
        functions = requests.reduce(0) { $0 + $1.point.functions.count }
        conditions = requests.first?.rows.reduce(0) { $0 + $1.conditions.count } ?? 0
        self.warnings = warnings
        switch hook.outcome {
        case .loads:
            (loads, reasons) = (true, [])
        case .skipped(let problem): (loads, reasons) = (false, [Self.text(problem) + ", which the policy allows"])
        case .refused(let problems): (loads, reasons) = (false, problems.map(Self.text))
        }
    }

    /// In lines.
    var lines: [String] {
        var lines: [String] = []
        if loads {
            let places = functions == 1 ? "" : ", \(functions) places"
            let filter =
                switch conditions {
                case 0: "nothing is filtered"
                case 1: "its condition is checked in the kernel"
                default: "its \(conditions) conditions are checked in the kernel"
                }
            lines.append("on this kernel: \(Words.list(backends, "and"))\(places); \(filter)")
        }
        return lines + reasons.map { "not loaded: \($0)" } + warnings.map { "warning: \($0)" }
    }

    private static func text(_ problem: InputProblem) -> String {
        "\(problem.place.file):\(problem.place.line): \(problem.path): \(problem.what)"
    }
}
