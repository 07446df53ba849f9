import CWire
import Model

/// Values of calls in short, for lines that people read. Text from outside is escaped as in JSON strings.
enum ArgumentText {
    /// So many bytes of a text are shown.
    private static let longest = 128

    static func write(_ value: CallValue, to buffer: inout TextBuffer) {
        switch value {
        case .missing, .unreadable, .unknown: buffer.append(UInt8(ascii: "?"))
        case .int(let number): buffer.append(Int64(number))
        case .uint(let number): buffer.append(UInt64(number))
        case .long(let number): buffer.append(number)
        case .size(let number): buffer.append(number)
        case .capability(let number): capability(number, to: &buffer)
        case .capabilities(let set), .inheritable(let set), .permitted(let set), .effective(let set):
            buffer.append("0x")
            buffer.append(set, base: 16)
        case .bpfCommand(let number): name(Names.bpfCommand(number), number, to: &buffer)
        case .systemCall(let number, _): buffer.append(UInt64(number))
        case .text(let text, let isTruncated): quoted(text, isTruncated, to: &buffer)
        case .bytes(let bytes): quoted(bytes, false, to: &buffer)
        case .truncatedBytes(let bytes, _): quoted(bytes, true, to: &buffer)
        case .file(let path), .path(let path), .binprm(let path): self.path(path, to: &buffer)
        case .sock(let ends), .skb(let ends): connection(ends, to: &buffer)
        case .sockaddr(let ends): end(ends.source, ends.body.sport, ends.body.family, to: &buffer)
        case .unixAddress(let path): _ = JSONText.write(path, to: &buffer)
        default: kernelObject(value, to: &buffer)
        }
    }

    private static func kernelObject(_ value: CallValue, to buffer: inout TextBuffer) {
        switch value {
        case .credentials(let value):
            buffer.append("uid=")
            buffer.append(UInt64(value.credentials.uid))
            buffer.append(" euid=")
            buffer.append(UInt64(value.credentials.euid))
        case .userNamespace(let namespace):
            buffer.append("user:[")
            buffer.append(UInt64(namespace.inode))
            buffer.append(UInt8(ascii: "]"))
        case .bpfAttributes(let program, let text), .bpfProgram(let program, let text):
            name(Names.bpfProgramType(program.type), program.type, to: &buffer)
            buffer.append(UInt8(ascii: " "))
            quoted(text, false, to: &buffer)
        case .bpfMap(let map, let text):
            name(Names.bpfMapType(map.type), map.type, to: &buffer)
            buffer.append(UInt8(ascii: " "))
            quoted(text, false, to: &buffer)
        case .perfEvent(let event, let function):
            name(Names.perfType(event.type), event.type, to: &buffer)
            buffer.append(UInt8(ascii: " "))
            quoted(function, false, to: &buffer)
        case .module(_, let name): quoted(name, false, to: &buffer)
        default: break
        }
    }

    private static func capability(_ number: Int32, to buffer: inout TextBuffer) {
        guard (0..<64).contains(number) else { return buffer.append(Int64(number)) }
        ScalarText.join(1 << UInt64(number), Fields.capabilityNames, to: &buffer)
    }

    private static func name(_ name: StaticString?, _ number: UInt32, to buffer: inout TextBuffer) {
        if let name { buffer.append(name) } else { buffer.append(UInt64(number)) }
    }

    private static func path(_ path: CallPath, to buffer: inout TextBuffer) {
        let value = path.value
        if case .absent = value {
            buffer.append(UInt8(ascii: "?"))
        } else {
            _ = ScalarText.write(value, to: &buffer)
        }
    }

    private static func quoted(_ text: UnsafeRawBufferPointer, _ isTruncated: Bool, to buffer: inout TextBuffer) {
        var count = min(text.count, longest)
        // not in the middle of a character
        while count < text.count, count > longest - 4, text[count] & 0xc0 == 0x80 { count -= 1 }
        buffer.append(UInt8(ascii: "\""))
        _ = JSONText.write(UnsafeRawBufferPointer(rebasing: text[..<count]), to: &buffer)
        buffer.append(UInt8(ascii: "\""))
        if isTruncated || count < text.count { buffer.append("…") }
    }

    private static func connection(_ ends: CallEndpoints, to buffer: inout TextBuffer) {
        end(ends.source, ends.body.sport, ends.body.family, to: &buffer)
        guard let destination = ends.destination, ends.body.dport != 0 else { return }
        buffer.append(" → ")
        AddressText.write(destination, port: ends.body.dport, to: &buffer)
    }

    /// One end, or the family of what has no such address.
    private static func end(
        _ address: UnsafeRawBufferPointer?,
        _ port: UInt16,
        _ family: UInt16,
        to buffer: inout TextBuffer
    ) {
        if let address {
            AddressText.write(address, port: port, to: &buffer)
        } else {
            name(Names.socketFamily(family), UInt32(family), to: &buffer)
        }
    }
}
