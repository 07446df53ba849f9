import Formats
import Glibc

/// Rows in the binary form of COPY: how many columns, then each with its length before it, all numbers big endian.
struct CopyBuffer: ~Copyable {
    private var buffer: TextBuffer

    init(capacity: Int) { buffer = TextBuffer(capacity: capacity) }

    var count: Int { buffer.count }
    /// What was written; valid until the next change.
    var bytes: UnsafeRawBufferPointer { buffer.bytes }

    mutating func clear() { buffer.clear() }

    mutating func beginRow(columns: Int) { buffer.append(bigEndian: UInt64(columns), width: 2) }

    mutating func appendNull() { buffer.append(bigEndian: .max, width: 4) }

    /// A column of type integer or date.
    mutating func append(_ number: Int32) { append(UInt64(bitPattern: Int64(number)), width: 4) }

    /// A column of type bigint or timestamptz.
    mutating func append(_ number: Int64) { append(UInt64(bitPattern: number), width: 8) }

    mutating func append(_ number: Int32?) { if let number { append(number) } else { appendNull() } }

    mutating func append(_ number: Int64?) { if let number { append(number) } else { appendNull() } }

    mutating func append(_ value: Bool) { append(value ? 1 : 0, width: 1) }

    private mutating func append(_ bits: UInt64, width: Int) {
        appendLength(width)
        buffer.append(bigEndian: bits, width: width)
    }

    private mutating func appendLength(_ count: Int) { buffer.append(bigEndian: UInt64(count), width: 4) }

    /// A column whose bytes are these: text of ours, or a uuid.
    mutating func append(raw bytes: UnsafeRawBufferPointer) {
        appendLength(bytes.count)
        buffer.append(bytes)
    }

    mutating func append(_ text: StaticString) {
        append(raw: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Text from outside; nil is NULL.
    mutating func append(text: UnsafeRawBufferPointer?) {
        guard let text else { return appendNull() }
        column { PlainText.write(text, to: &$0) }
    }

    /// Two texts from outside, with a slash between them.
    mutating func append(text: UnsafeRawBufferPointer, slash second: UnsafeRawBufferPointer) {
        column {
            PlainText.write(text, to: &$0)
            $0.append(UInt8(ascii: "/"))
            PlainText.write(second, to: &$0)
        }
    }

    /// An address of 4 or 16 bytes as inet; another number of bytes is NULL.
    mutating func append(address: UnsafeRawBufferPointer) {
        guard address.count == 4 || address.count == 16 else { return appendNull() }
        column {
            // PostgreSQL's own numbers for the families, on all systems.
            $0.append(address.count == 4 ? 2 as UInt8 : 3)
            $0.append(UInt8(8 * address.count))
            // a host, no network
            $0.append(0 as UInt8)
            $0.append(UInt8(address.count))
            $0.append(address)
        }
    }

    /// JSON of ours as jsonb; a NUL in a string, which jsonb has none of, is `\x00` in it.
    mutating func append(json: UnsafeRawBufferPointer) {
        column {
            $0.append(1 as UInt8)
            JSONWithoutNUL.write(json, to: &$0)
        }
    }

    /// Columns as they stand in another buffer.
    mutating func append(columns: UnsafeRawBufferPointer) { buffer.append(columns) }

    private mutating func column(_ body: (inout TextBuffer) -> Void) {
        let begin = buffer.count
        appendLength(0)
        body(&buffer)
        buffer.replace(at: begin, bigEndian: UInt32(buffer.count - begin - 4))
    }
}

/// JSON for jsonb, which refuses the one escape that stands for a NUL.
enum JSONWithoutNUL {
    private static let escape = Array(#"\u0000"#.utf8)

    static func write(_ json: UnsafeRawBufferPointer, to buffer: inout TextBuffer) {
        var rest = json
        while let backslash = position(in: rest) {
            let end = backslash + escape.count
            let isNUL = end <= rest.count && rest[backslash..<end].elementsEqual(escape)
            // Any other escape goes over with what it escapes, which may be a backslash.
            let next = isNUL ? end : min(backslash + 2, rest.count)
            buffer.append(UnsafeRawBufferPointer(rebasing: rest[..<(isNUL ? backslash : next)]))
            if isNUL { buffer.append(#"\\x00"#) }
            rest = UnsafeRawBufferPointer(rebasing: rest[next...])
        }
        buffer.append(rest)
    }

    private static func position(in text: UnsafeRawBufferPointer) -> Int? {
        guard let base = text.baseAddress, let found = memchr(base, Int32(UInt8(ascii: "\\")), text.count) else {
            return nil
        }
        return UnsafeRawPointer(found) - base
    }
}
