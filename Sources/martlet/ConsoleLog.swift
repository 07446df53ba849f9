import Agent
import Logging

/// Log lines on standard error, without a time: the terminal is beside it, and journald has its own.
struct ConsoleLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        Console.writeError("martlet: \(event.level == .info ? "" : "\(event.level): ")\(event.message)")
    }

    static func makeLogger(verbosity: Int) -> Logger {
        let level: Logger.Level = verbosity == 0 ? .notice : verbosity == 1 ? .debug : .trace
        return Logger(label: "martlet") { _ in ConsoleLog(logLevel: level) }
    }
}
