import BPFDAPI
import Formats
import Glibc

/// Events as bpfd's client logs them: in the text form of the logging library logrus, which differs on terminals.
struct LogrusText {
    private let isTerminal: Bool
    private let isColored: Bool
    private let begun = time(nil)

    init(isTerminal: Bool, isColored: Bool) {
        self.isTerminal = isTerminal
        self.isColored = isColored
    }

    /// A line, without its end; nil for an event without data, which bpfd does not show.
    func line(of event: Grpc_Event) -> String? {
        guard !event.data.isEmpty else { return nil }
        let data = event.data.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
        let message = "map[string]string{\(data.joined(separator: ", "))}"
        let fields = [
            ("container_id", event.containerID), ("container_runtime", event.containerRuntime), ("pid", "\(event.pid)"),
            ("tgid", "\(event.tgid)"), ("tracer", event.tracer),
        ]
        guard isTerminal else {
            let head = "time=\(quoted(Self.moment())) level=info msg=\(value(message))"
            return head + fields.map { " \($0)=\(value($1))" }.joined()
        }
        let number = "\(max(0, time(nil) - begun))"
        let seconds = String(repeating: "0", count: max(0, 4 - number.count)) + number
        let room = String(repeating: " ", count: max(0, 44 - message.count))
        return "\(paint("INFO"))[\(seconds)] \(message)\(room) "
            + fields.map { " \(paint($0))=\(value($1))" }.joined()
    }

    private func paint(_ text: String) -> String { isColored ? "\u{1b}[36m\(text)\u{1b}[0m" : text }

    /// In quotes where there is more in it than a word.
    private func value(_ text: String) -> String {
        let isWord = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._/@^+".utf8.contains(byte)
            }
        }
        return isWord ? text : quoted(text)
    }

    private func quoted(_ text: String) -> String {
        var buffer = TextBuffer(capacity: 256)
        var text = text
        text.withUTF8 { GoQuoted.write(UnsafeRawBufferPointer($0), to: &buffer) }
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    /// Now, as RFC 3339 has it.
    private static func moment() -> String {
        var (now, parts) = (time(nil), tm())
        gmtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
