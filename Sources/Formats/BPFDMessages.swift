import Model

/// Events as the messages of bpfd's `grpc.API`, in protobuf's encoding, each with its length before it: four bytes, the most
/// significant one first.
///
/// The numbers of fields are those of Sources/BPFDAPI/api.proto.
package struct BPFDMessages: ~Copyable, LineFormat {
    private var buffer = TextBuffer()
    private var scratch = TextBuffer(capacity: 1 << 10)
    private var plain = TextBuffer(capacity: 1 << 10)

    package init() {}

    var bytes: UnsafeRawBufferPointer { buffer.bytes }

    mutating func clear() { buffer.clear() }

    mutating func write(_ event: borrowing Event, _ record: Record) {
        guard let tracer = BPFDTracer(event.kind) else { return }
        let start = buffer.count
        buffer.append(bigEndian: 0, width: Self.lengthBytes)
        write(1, UInt64(record.header.tgid))
        write(2, UInt64(BPFDEvent.parent(event)))
        write(3, UInt64(BPFDEvent.user(event, record)))
        write(4, UInt64(BPFDEvent.group(event)))
        for key in tracer.keys {
            guard let text = key.text(event, record, &scratch) else { continue }
            makePlain(text)
            writeEntry(key.name)
        }
        if let container = event.process?.container {
            makePlain(container.id.buffer)
            writePlain(6)
        }
        write(7, BPFDEvent.runtime(event))
        write(8, tracer.name)
        write(9, UInt64(bitPattern: Int64(BPFDEvent.returnValue(event.kind, record))))
        if let command = BPFDKey.command.text(event, record, &scratch) {
            makePlain(command)
            writePlain(10)
        }
        buffer.replace(at: start, bigEndian: UInt32(buffer.count - start - Self.lengthBytes))
    }

    private static let lengthBytes = 4

    /// The messages that were written one behind the other.
    package static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var messages: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while rest.count >= lengthBytes {
            let length = rest.prefix(lengthBytes).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(lengthBytes)
            messages.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return messages
    }

    /// A text in `plain`, in UTF-8 whatever it was: other bytes end a message for its reader.
    private mutating func makePlain(_ text: UnsafeRawBufferPointer) {
        plain.clear()
        PlainText.write(text, to: &plain)
    }

    /// A number, which is left out where it is 0, as all of its kind are.
    private mutating func write(_ field: UInt8, _ number: UInt64) {
        guard number != 0 else { return }
        buffer.append(field << 3)
        writeVarint(number)
    }

    private mutating func write(_ field: UInt8, _ text: StaticString) {
        beginText(field)
        writeVarint(UInt64(text.utf8CodeUnitCount))
        buffer.append(text)
    }

    private mutating func writePlain(_ field: UInt8) {
        guard plain.count > 0 else { return }
        beginText(field)
        writeVarint(UInt64(plain.count))
        buffer.append(plain.bytes)
    }

    /// An entry of `data`: a message of its key and what is in `plain`.
    private mutating func writeEntry(_ key: StaticString) {
        let keySize = 2 + key.utf8CodeUnitCount
        let valueSize = 1 + Self.varintSize(UInt64(plain.count)) + plain.count
        beginText(5)
        writeVarint(UInt64(keySize + valueSize))
        write(1, key)
        beginText(2)
        writeVarint(UInt64(plain.count))
        buffer.append(plain.bytes)
    }

    /// The mark of a field that has a length.
    private mutating func beginText(_ field: UInt8) { buffer.append(field << 3 | 2) }

    private mutating func writeVarint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            buffer.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        buffer.append(UInt8(truncatingIfNeeded: rest))
    }

    private static func varintSize(_ number: UInt64) -> Int { (70 - (number | 1).leadingZeroBitCount) / 7 }
}
