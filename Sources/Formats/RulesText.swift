import Model

/// What an event tells of the rules that it matches.
package enum RulesText {
    /// Writes them as a list in JSON: each with its name, and severity, tags and message where it has them.
    package static func write(
        _ rules: MatchedRules,
        _ event: borrowing Event,
        _ record: Record,
        to buffer: inout TextBuffer
    ) {
        if let written = rules.written { return buffer.append(written.buffer) }
        buffer.append(UInt8(ascii: "["))
        for index in rules.rules.indices {
            let rule = rules.rules[index]
            buffer.append(index == 0 ? #"{"name":""# : #",{"name":""#)
            write(rule.name, to: &buffer)
            if let severity = rule.severity {
                buffer.append(#"","severity":""#)
                buffer.append(severity.rawValue)
            }
            buffer.append(UInt8(ascii: "\""))
            if !rule.tags.isEmpty {
                buffer.append(#","tags":["#)
                for (position, tag) in rule.tags.enumerated() {
                    buffer.append(position == 0 ? "\"" : ",\"")
                    write(tag, to: &buffer)
                    buffer.append(UInt8(ascii: "\""))
                }
                buffer.append(UInt8(ascii: "]"))
            }
            if !rule.message.isEmpty {
                buffer.append(#","message":""#)
                writeMessage(rule, event, record, to: &buffer)
                buffer.append(UInt8(ascii: "\""))
            }
            buffer.append(UInt8(ascii: "}"))
        }
        buffer.append(UInt8(ascii: "]"))
    }

    /// Writes a rule's message, escaped as JSON strings are.
    static func writeMessage(
        _ rule: MatchedRule,
        _ event: borrowing Event,
        _ record: Record,
        to buffer: inout TextBuffer
    ) {
        for piece in rule.message {
            switch piece {
            case .text(let text): write(text, to: &buffer)
            case .field(let field):
                let value = field.value(event, record)
                switch value {
                case .boolean(let value): buffer.append(value ? "true" : "false")
                case .strings(let strings), .variables(let strings):
                    for (position, string) in NULSeparated(strings).enumerated() {
                        if position > 0 { buffer.append(UInt8(ascii: " ")) }
                        _ = JSONText.write(string, to: &buffer)
                    }
                default: _ = ScalarText.write(value, to: &buffer)
                }
            }
        }
    }

    private static func write(_ text: String, to buffer: inout TextBuffer) {
        var text = text
        text.withUTF8 { _ = JSONText.write(UnsafeRawBufferPointer($0), to: &buffer) }
    }
}
