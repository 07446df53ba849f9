import Collector
import Glibc
import Model
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

/// A user by name or number.
package struct UserName: Sendable {
    package let id: UInt32

    package init?(_ text: String) {
        guard let id = UInt32(text) ?? Self.lookUp(text) else { return nil }
        self.id = id
    }

    /// From /etc/passwd itself: a static binary cannot load the libraries that name other sources.
    private static func lookUp(_ name: String) -> UInt32? {
        guard let file = fopen("/etc/passwd", "re") else { return nil }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        while getline(&line, &room, file) > 0, let line {
            let fields = String(cString: line).split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, fields[0] == name { return UInt32(fields[2]) }
        }
        return nil
    }
}

extension EventKind {
    /// All but what users never see.
    package static let selectable = allCases.filter { $0 != .clock }

    /// The kinds that a name stands for; nil when it is none.
    package static func kinds(named name: String) -> [EventKind]? {
        if name == "all" { return selectable }
        return selectable.first { "\($0.name)" == name }.map { [$0] }
    }
}

extension OutputTarget {
    /// stdout, file:PATH, sqlite, sqlite:PATH.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.count == 2 ? String(parts[1]) : nil
        switch (parts[0], path) {
        case ("stdout", nil): self = .standardOutput
        case ("file", let path?) where !path.isEmpty && !path.utf8.contains(0): self = .file(path)
        case ("sqlite", nil): self = .store(StoreFile.standardPath)
        case ("sqlite", let path?) where !path.isEmpty && !path.utf8.contains(0): self = .store(path)
        default: return nil
        }
    }
}

extension EngineSocket {
    /// ENGINE=PATH.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let engine = Engine.allCases.first(where: { $0.name == parts[0] }) else { return nil }
        self.init(engine, String(parts[1]), owner: geteuid())
    }
}
