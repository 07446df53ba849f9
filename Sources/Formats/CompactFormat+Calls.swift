import CWire
import Model

/// A call that a policy asked for: where, with what, how it returned, and for which policy.
extension CompactFormat {
    mutating func writeCall(_ kind: EventKind, _ record: Record) {
        let call = Call(record)
        buffer.append(UInt8(ascii: " "))
        writePlace(kind, call)
        buffer.append(UInt8(ascii: "("))
        var isFirst = true
        writeValues(call.shown(.argument), &isFirst)
        writeValues(call.shown(.data), &isFirst)
        buffer.append(UInt8(ascii: ")"))
        if !call.hasNoReturn, let result = call.shown(.result).first(where: { _ in true }) {
            buffer.append(" = ")
            ArgumentText.write(result.value, to: &buffer)
        }
        if let policy = call.policy {
            buffer.append(UInt8(ascii: " "))
            paint(.dim) { line in
                line.buffer.append(UInt8(ascii: "["))
                _ = JSONText.write(policy, to: &line.buffer)
                line.buffer.append(UInt8(ascii: "]"))
            }
        }
        if record.call.pointee.marks != 0 {
            buffer.append(UInt8(ascii: " "))
            paint(.red) { _ = ScalarText.write($0.callMarks(record), to: &$0.buffer) }
        }
    }

    private mutating func writePlace(_ kind: EventKind, _ call: Call) {
        if let file = call.file {
            _ = JSONText.write(file, to: &buffer)
            buffer.append(UInt8(ascii: " "))
        }
        if let group = call.group {
            _ = JSONText.write(group, to: &buffer)
            buffer.append(kind == .tracepoint ? UInt8(ascii: "/") : UInt8(ascii: ":"))
        }
        if let function = call.function, function.count > 0 {
            paint(.bold) { _ = JSONText.write(function, to: &$0.buffer) }
        }
        if let offset = call.offset, offset > 0 {
            buffer.append("+0x")
            buffer.append(offset, base: 16)
        }
    }

    private mutating func writeValues(_ values: Call.Shown, _ isFirst: inout Bool) {
        for argument in values {
            if !isFirst { buffer.append(", ") }
            isFirst = false
            if let label = argument.label {
                _ = JSONText.write(label, to: &buffer)
                buffer.append(UInt8(ascii: "="))
            }
            ArgumentText.write(argument.value, to: &buffer)
        }
    }
}
