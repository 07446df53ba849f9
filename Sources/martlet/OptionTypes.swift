import Agent
import ArgumentParser
import Collector
import Engine
import Formats
import Glibc
import Model
import Outputs
import UserInput

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
            guard let named = EventKind.kinds(named: String(name)) else { return nil }
            kinds += named
        }
        self.kinds = kinds
    }
}

extension ByteCount: ExpressibleByArgument {
    /// From an option's text.
    public init?(argument: String) { self.init(argument) }
}

extension Seconds: ExpressibleByArgument {
    /// From an option's text.
    public init?(argument: String) { self.init(argument) }
}

extension UserName: ExpressibleByArgument {
    /// From an option's text.
    public init?(argument: String) { self.init(argument) }
}

extension OutputTarget: ExpressibleByArgument {
    /// From an option's text; one that cannot be meant is refused later, where it need not be repeated.
    public init?(argument: String) { self.init(reading: argument) }
}

extension EngineSocket: ExpressibleByArgument {
    /// From an option's text.
    public init?(argument: String) { self.init(argument) }
}

extension UserIdentity: ExpressibleByArgument {
    /// From an option's text.
    public init?(argument: String) { self.init(argument) }
}
