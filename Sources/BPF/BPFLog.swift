import CLibBPF
import Logging
import Synchronization

/// Where libbpf's messages go: to swift-log, and while a step runs also to whoever explains its failure.
public enum BPFLog {
    private struct State {
        var logger: Logger?
        var captured: [String]?
    }

    private static let state = Mutex(State())

    /// Sends libbpf's messages to `logger`; its debug messages come at level `trace`.
    public static func use(_ logger: Logger) {
        state.withLock { $0.logger = logger }
        install()
    }

    private static func install() {
        clibbpf_set_log { level, message in
            guard let message else { return }
            BPFLog.receive(level: level, String(cString: message))
        }
    }

    private static func receive(level: Int32, _ message: String) {
        let text = message.hasSuffix("\n") ? String(message.dropLast()) : message
        state.withLock { state in
            let captured = state.captured != nil
            if captured, level <= Int32(LIBBPF_INFO.rawValue) { state.captured?.append(text) }
            // What a step captures comes back in its error, whole or not at all.
            let quiet: Logger.Level = captured ? .debug : .warning
            state.logger?.log(level: level == Int32(LIBBPF_WARN.rawValue) ? quiet : .trace, "\(text)")
        }
    }

    /// Runs `body` and returns what libbpf said meanwhile. One at a time: steps of setup, not of the hot path.
    static func capture<Result>(_ body: () -> Result) -> (Result, [String]) {
        install()
        state.withLock { $0.captured = [] }
        let result = body()
        return (
            result,
            state.withLock { state in
                defer { state.captured = nil }
                return state.captured ?? []
            }
        )
    }

    /// Of a failed load's messages, those that say why: the end of the verifier's log without its dump of states.
    package static func decisiveLines(_ messages: [String]) -> [String] {
        let lines = messages.flatMap { $0.split(separator: "\n").map(String.init) }
        let verifier = lines.drop { !$0.contains("BEGIN PROG LOAD LOG") }.dropFirst().prefix {
            !$0.contains("END PROG LOAD LOG")
        }
        guard !verifier.isEmpty else {
            return Array(lines.filter { !$0.contains("failed to load object") }.suffix(4))
        }
        let told = verifier.filter { !$0.hasPrefix("processed ") && !$0.hasPrefix("verification time") }
        let source = told.last { $0.hasPrefix("; ") }
        return (source.map { [$0] } ?? []) + told.suffix(2).filter { $0 != source }
    }
}
