import MartletV1

/// The rules of a daemon as people read them: a line for each.
enum RuleTable {
    static func text(of rules: [Martlet_V1_Rule]) -> String {
        guard !rules.isEmpty else { return "no rules\n" }
        let head = ["NAME", "TRACERS", "SEVERITY", "MATCHED", "SUPPRESSED", "FROM"]
        return TextTable.lines([head] + rules.map(row)).map { $0 + "\n" }.joined()
    }

    private static func row(_ rule: Martlet_V1_Rule) -> [String] {
        [
            rule.name, rule.tracers.joined(separator: ","), rule.severity, "\(rule.matched)", "\(rule.suppressed)",
            rule.file.isEmpty ? "api" : rule.file,
        ]
    }
}
