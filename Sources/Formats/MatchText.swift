import Model

/// The bytes of a value as they are, which conditions are about: not escaped as in the lines of any format.
package enum MatchText {
    /// Calls `body` with the text of a value, or with each text of a list, until it returns true; true when it did.
    ///
    /// - Parameter scratch: is written to when the value is no text as it lies.
    package static func contains(
        _ value: FieldValue,
        _ scratch: inout TextBuffer,
        where body: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        switch value {
        case .absent, .time, .execution, .arguments, .argument, .boolean: return false
        case .text(let text): return body(text)
        case .name(let name): return body(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        case .strings(let strings), .variables(let strings), .labels(let strings):
            return NULSeparated(strings).contains(where: body)
        case .tags(let tags): return tags.contains(where: body)
        case .list(let bits, let table): return names(bits, table, body)
        case .pseudoFile(let name, let magic, _)
        where magic != 0x5049_5045 && magic != 0x534f_434b && magic != 0x6e73_6673:
            guard magic == 0x0904_1934 else { return body(name) }
            scratch.clear()
            scratch.append("anon_inode:")
            scratch.append(name)
            return body(scratch.bytes)
        case .commandLine(let strings):
            scratch.clear()
            join(strings, to: &scratch)
            return body(scratch.bytes)
        default:
            scratch.clear()
            _ = ScalarText.write(value, to: &scratch)
            return body(scratch.bytes)
        }
    }

    private static func names(
        _ bits: UInt64,
        _ table: NameTable,
        _ body: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        table.names.contains { mask, name in
            mask != 0 && bits & mask == mask
                && body(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        }
    }

    /// As `arguments` has it: all but the first, joined by spaces, with quotes around one that has a space in it.
    private static func join(_ strings: UnsafeRawBufferPointer, to buffer: inout TextBuffer) {
        for (position, string) in NULSeparated(strings).enumerated() where position > 0 {
            if position > 1 { buffer.append(UInt8(ascii: " ")) }
            let isQuoted = string.contains(UInt8(ascii: " "))
            if isQuoted { buffer.append(UInt8(ascii: "\"")) }
            buffer.append(string)
            if isQuoted { buffer.append(UInt8(ascii: "\"")) }
        }
    }
}
