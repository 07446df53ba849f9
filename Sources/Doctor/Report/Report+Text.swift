extension Report {
    /// The report for people: a line for each check, remedies below, the verdict at the end.
    package func text(colored: Bool) -> String {
        let paint = Paint(isOn: colored)
        let width = checks.map(\.name.count).max() ?? 0
        var lines = [paint("1", "martlet \(martlet) on Linux \(kernel), \(architecture)")]
        for group in Check.Group.allCases {
            let checks = checks.filter { $0.group == group }
            guard !checks.isEmpty else { continue }
            lines += ["", paint("1", group.title)]
            for check in checks {
                let name = check.name + String(repeating: " ", count: width - check.name.count)
                lines.append("  \(Self.mark(check, paint))  \(name)  \(Self.line(check.found))")
                let indent = "        \(String(repeating: " ", count: width))  "
                lines += check.log.map { indent + paint("2", Self.line($0)) }
                lines += (check.privileges ?? []).map { indent + Self.line($0, paint) }
            }
        }
        lines += remedies(width, paint)
        lines += ["", paint(verdict == .everything ? "32" : verdict == .degraded ? "33" : "31", summary)]
        if !missingHooks.isEmpty, verdict != .cannotRun {
            lines.append("not on this kernel, and not needed: \(missingHooks.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ privilege: Check.Privilege, _ paint: Paint) -> String {
        let word = privilege.held ? paint("2", "has  ") : paint(privilege.required ? "31" : "33", "lacks")
        let keeper = privilege.helper.map { ", which \($0) keeps" } ?? ""
        let until = privilege.until.map { "; not needed from \($0) on" } ?? ""
        return "\(word) \(privilege.name)\(keeper): \(privilege.purpose)\(until)"
    }

    private func remedies(_ width: Int, _ paint: Paint) -> [String] {
        var lines: [String] = []
        for check in checks {
            guard check.isLacking, let remedy = check.remedy else { continue }
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            lines.append("  \(check.need == .optional ? paint("2", name) : name)  \(remedy)")
        }
        return lines.isEmpty ? [] : ["", paint("1", "What would help")] + lines
    }

    private static func mark(_ check: Check, _ paint: Paint) -> String {
        switch check.verdict {
        case .ok: paint("32", "ok  ")
        case .degraded: paint("33", "warn")
        case .failed where check.need == .optional: paint("33", "no  ")
        case .failed: paint("31", "FAIL")
        case .notApplicable: paint("2", "-   ")
        }
    }

    /// What comes from elsewhere stays in its line and does not command the terminal.
    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
    }

    private struct Paint {
        let isOn: Bool

        func callAsFunction(_ code: String, _ text: String) -> String {
            isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
        }
    }
}
