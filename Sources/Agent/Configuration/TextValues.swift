import Collector
import Glibc
import Outputs

/// A number with one of the units of a table behind it.
private func scaled(_ text: String, _ units: [Character: Double]) -> Double? {
    guard let last = text.last else { return nil }
    let unit = units[last]
    let digits = unit == nil ? text[...] : text.dropLast()
    // Neither 0x10 nor 1e3, nor a sign.
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }), let number = Double(digits) else { return nil }
    return number * (unit ?? 1)
}

/// 500K, 10M, 1G, or bytes.
package struct ByteCount: Sendable {
    package let bytes: Int

    package init?(_ text: String) {
        let units: [Character: Double] = ["K": 0x1p10, "k": 0x1p10, "M": 0x1p20, "m": 0x1p20, "G": 0x1p30, "g": 0x1p30]
        guard let number = scaled(text, units), number >= 1, number < 1e15 else { return nil }
        bytes = Int(number)
    }
}

/// 30s, 15m, 24h, 7d, or seconds.
package struct Seconds: Sendable {
    package let value: Double

    package init?(_ text: String) {
        guard let number = scaled(text, ["s": 1, "m": 60, "h": 3600, "d": 86400]), number > 0, number < 1e9 else {
            return nil
        }
        value = number
    }
}

extension OutputTarget {
    /// stdout, file:PATH, sqlite, sqlite:PATH, postgres, postgres:CONNINFO, postgres://URI, none.
    package init?(_ text: String) {
        self.init(reading: text)
        if !isMeant { return nil }
    }

    /// The same, where what cannot be meant is told by who asks.
    package init?(reading text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.count == 2 ? String(parts[1]) : nil
        switch (parts[0], path) {
        case ("stdout", nil): self = .standardOutput
        case ("none", nil): self = .none
        case ("file", let path?) where !path.isEmpty && !path.utf8.contains(0): self = .file(path)
        case ("sqlite", nil): self = .store(StoreFile.standardPath)
        case ("sqlite", let path?) where !path.isEmpty && !path.utf8.contains(0): self = .store(path)
        case ("postgres", nil), ("postgresql", nil): self = .postgres("")
        case ("postgres", let rest?), ("postgresql", let rest?):
            guard !rest.isEmpty, !rest.utf8.contains(0) else { return nil }
            self = .postgres(rest.hasPrefix("//") ? "postgresql:" + rest : rest)
        default: return nil
        }
    }
}

extension SpoolSettings.Sync {
    /// never, always, or a time.
    package init?(_ text: String) {
        switch text {
        case "never": self = .never
        case "always": self = .always
        default:
            guard let seconds = Seconds(text) else { return nil }
            self = .after(seconds.value)
        }
    }
}

/// A system whose tables and habits are kept to.
package enum Compatibility: String, CaseIterable, Sendable {
    case tcpAudit = "tcp-audit"
}

extension EngineSocket {
    /// ENGINE=PATH.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let engine = Engine.allCases.first(where: { $0.name == parts[0] }) else { return nil }
        self.init(engine, String(parts[1]), owner: geteuid())
    }
}
