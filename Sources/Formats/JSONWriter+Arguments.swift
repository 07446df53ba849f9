import CWire
import Model

/// Values of calls, in Tetragon's forms: as protojson writes them, what is 0 or empty in an object is left out.
extension JSONWriter {
    /// Writes a list; false when it is empty, and then nothing was written that may stay.
    mutating func arguments(_ call: Call, _ role: Call.Role, _ behind: Call.Role?, _ escaped: inout Bool) -> Bool {
        buffer.append(UInt8(ascii: "["))
        let begin = buffer.count
        add(call, role, &escaped)
        if let behind { add(call, behind, &escaped) }
        guard buffer.count > begin else { return false }
        buffer.append(UInt8(ascii: "]"))
        return true
    }

    private mutating func add(_ call: Call, _ role: Call.Role, _ escaped: inout Bool) {
        for argument in call.shown(role) {
            separate()
            self.argument(argument, &escaped)
        }
    }

    /// Writes one value as an object.
    mutating func argument(_ argument: CallArgument, _ escaped: inout Bool) {
        buffer.append(UInt8(ascii: "{"))
        value(argument.value, &escaped)
        if let label = argument.label { text("label", label, &escaped) }
        buffer.append(UInt8(ascii: "}"))
    }

    private mutating func value(_ value: CallValue, _ escaped: inout Bool) {
        switch value {
        case .missing: error { $0.append("not read") }
        case .unreadable(step: 0): error { $0.append("Bad address for basic type") }
        case .unreadable(let step):
            error {
                $0.append("Bad address at depth ")
                $0.append(UInt64(step))
            }
        case .unknown(let type):
            error {
                $0.append("unknown type ")
                $0.append(UInt64(type))
            }
        case .int(let number): plain(.int) { $0.append(Int64(number)) }
        case .uint(let number): plain(.uint) { $0.append(UInt64(number)) }
        case .long(let number): quoted(.long) { $0.append(number) }
        case .size(let number): quoted(.size) { $0.append(number) }
        case .capability(let number): capability(number)
        case .capabilities(let set): quoted(.capabilities) { Self.sixteenDigits(set, &$0) }
        case .inheritable(let set): quoted(.inheritable) { Self.sixteenDigits(set, &$0) }
        case .permitted(let set): quoted(.permitted) { Self.sixteenDigits(set, &$0) }
        case .effective(let set): quoted(.effective) { Self.sixteenDigits(set, &$0) }
        case .bpfCommand(let number):
            if let name = Names.bpfCommand(number) {
                quoted(.bpfCommand) { $0.append(name) }
            } else {
                plain(.bpfCommand) { $0.append(UInt64(number)) }
            }
        case .systemCall(let number, let isCompat): systemCall(number, isCompat)
        case .text(let text, let isTruncated):
            self.text(ArgumentForm.string.key, text, &escaped)
            if isTruncated {
                key("truncated")
                buffer.append("true")
            }
        case .bytes(let bytes): quoted(.bytes) { Base64Text.write(bytes, to: &$0) }
        case .truncatedBytes(let bytes, let size): truncatedBytes(bytes, size)
        case .file(let file): path(.file, file, &escaped)
        case .path(let file): path(.callPath, file, &escaped)
        case .binprm(let file): path(.binprm, file, &escaped)
        case .sock(let ends): sock(ends)
        case .skb(let ends): skb(ends)
        case .sockaddr(let ends): sockaddr(ends)
        case .unixAddress(let path):
            open(.unixAddress)
            name("family", "AF_UNIX")
            optionalText("path", path, &escaped)
            close()
        default: kernelObject(value, &escaped)
        }
    }

    private mutating func error(_ message: (inout TextBuffer) -> Void) {
        open(.error)
        key("Message")
        quoted(message)
        close()
    }

    private mutating func capability(_ number: Int32) {
        open(.capability)
        key("value")
        buffer.append(Int64(number))
        if (0..<64).contains(number) {
            let bit = UInt64(1) << UInt64(number)
            if let known = Fields.capabilityNames.names.first(where: { $0.bits == bit }) { name("name", known.name) }
        }
        close()
    }

    private mutating func systemCall(_ id: UInt32, _ isCompat: Bool) {
        open(.systemCall)
        number("id", UInt64(id))
        #if arch(arm64)
            name("abi", isCompat ? "arm32" : "arm64")
        #else
            name("abi", isCompat ? "i386" : "x64")
        #endif
        close()
    }

    private mutating func truncatedBytes(_ bytes: UnsafeRawBufferPointer, _ size: UInt32) {
        open(.truncatedBytes)
        if bytes.count > 0 {
            key(ArgumentForm.bytes.key)
            quoted { Base64Text.write(bytes, to: &$0) }
        }
        if size > 0 {
            key("orig_size")
            quoted { $0.append(UInt64(size)) }
        }
        close()
    }

    private mutating func path(_ form: ArgumentForm, _ path: CallPath, _ escaped: inout Bool) {
        open(form)
        let value = path.value
        if case .absent = value {
        } else {
            key("path")
            buffer.append(UInt8(ascii: "\""))
            if ScalarText.write(value, to: &buffer) { escaped = true }
            buffer.append(UInt8(ascii: "\""))
        }
        if path.isIncomplete { name("flags", "unresolvedPathComponents") }
        if path.file.mode != 0 { scalar("permission", .permissions(path.file.mode)) }
        if path.file.inode != 0 {
            scalar("inode", .large(path.file.inode))
            scalar("device", .device(path.file.device))
        }
        let before = buffer.count
        key("marks")
        if !list(UInt64(path.file.marks), Fields.pathMarkNames) { buffer.truncate(to: before) }
        close()
    }

    private static func sixteenDigits(_ number: UInt64, _ buffer: inout TextBuffer) {
        for shift in stride(from: UInt64(60), through: 0, by: -4) { buffer.append(number >> shift & 15, base: 16) }
    }
}
