import Agent
import ArgumentParser
import Collector
import Formats
import Glibc
import Model
import Outputs

extension EventFormat: ExpressibleByArgument {}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never

    /// `auto`: on a terminal, unless NO_COLOR is set to anything (no-color.org) or the terminal is dumb.
    var isOn: Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto:
            isatty(STDOUT_FILENO) == 1 && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
                && getenv("TERM").map { String(cString: $0) } != "dumb"
        }
    }
}

/// Kinds of events, separated by commas.
struct KindList: ExpressibleByArgument {
    let kinds: [EventKind]

    init?(argument: String) {
        var kinds: [EventKind] = []
        for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
            if name == "all" {
                kinds += EventKind.selectable
                continue
            }
            guard let kind = EventKind.selectable.first(where: { "\($0.name)" == name }) else { return nil }
            kinds.append(kind)
        }
        self.kinds = kinds
    }
}

/// A user by name or number.
struct User: ExpressibleByArgument {
    let id: UInt32

    init?(argument: String) {
        if let id = UInt32(argument) {
            self.id = id
            return
        }
        guard let id = Self.lookUp(argument) else { return nil }
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

/// An output by kind and place.
struct SinkName: ExpressibleByArgument {
    let target: OutputTarget

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.count == 2 ? String(parts[1]) : nil
        switch (parts[0], path) {
        case ("stdout", nil): target = .standardOutput
        case ("file", let path?) where !path.isEmpty: target = .file(path)
        case ("sqlite", nil): target = .store(StoreFile.standardPath)
        case ("sqlite", let path?) where !path.isEmpty: target = .store(path)
        default: return nil
        }
    }
}

/// A number with one of the units of a table behind it.
private func scaled(_ text: String, _ units: [Character: Double]) -> Double? {
    if let number = Double(text), number >= 0, number.isFinite { return number }
    guard let last = text.last, let unit = units[last], let number = Double(text.dropLast()), number >= 0,
        number.isFinite
    else {
        return nil
    }
    return number * unit
}

/// 500K, 10M, 1G, or bytes.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        let units: [Character: Double] = ["K": 0x1p10, "k": 0x1p10, "M": 0x1p20, "m": 0x1p20, "G": 0x1p30, "g": 0x1p30]
        guard let number = scaled(argument, units), number >= 1, number < 1e15 else { return nil }
        bytes = Int(number)
    }
}

/// 30s, 15m, 24h, 7d, or seconds.
struct Seconds: ExpressibleByArgument {
    let value: Double

    init?(argument: String) {
        guard let number = scaled(argument, ["s": 1, "m": 60, "h": 3600, "d": 86400]), number > 0, number < 1e9 else {
            return nil
        }
        value = number
    }
}

extension EngineSocket: ExpressibleByArgument {
    /// ENGINE=PATH.
    public init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let engine = Engine.allCases.first(where: { $0.name == parts[0] }) else { return nil }
        self.init(engine, String(parts[1]), owner: geteuid())
    }
}
