import Model

/// Values as the text that all formats share, without the quotes of any.
enum ScalarText {
    /// Writes a value's text, escaped as JSON strings are; true when it was no UTF-8.
    static func write(_ value: FieldValue, to buffer: inout TextBuffer) -> Bool {
        switch value {
        case .octal(let number):
            buffer.append(UInt8(ascii: "0"))
            if number != 0 { buffer.append(UInt64(number), base: 8) }
        case .permissions(let mode): permissions(mode, to: &buffer)
        case .device(let device):
            buffer.append(UInt64(device >> 20))
            buffer.append(UInt8(ascii: ":"))
            buffer.append(UInt64(device & 0xfffff))
        case .signal(let number):
            if let name = Names.signal(number) {
                buffer.append(name)
            } else if (34...64).contains(number) {
                buffer.append("SIGRTMIN+")
                buffer.append(Int64(number - 34))
            } else {
                // The C library keeps 32 and 33 for itself; there are none above 64.
                buffer.append(Int64(number))
            }
        case .errno(let number):
            if let name = Names.errno(number) { buffer.append(name) } else { buffer.append(Int64(number)) }
        case .pseudoFile(let name, let magic, let inode): return pseudoFile(name, magic, inode, to: &buffer)
        case .text(let text): return JSONText.write(text, to: &buffer)
        case .address(let bytes): AddressText.write(bytes, to: &buffer)
        case .hexadecimal(let number): buffer.append(number, base: 16)
        case .bytes(let bytes):
            for byte in bytes {
                buffer.append(UInt64(byte >> 4), base: 16)
                buffer.append(UInt64(byte & 15), base: 16)
            }
        case .name(let name): buffer.append(name)
        case .number(let number): buffer.append(number)
        case .large(let number): buffer.append(number)
        case .words(let bits, let table), .list(let bits, let table): join(bits, table, to: &buffer)
        case .commandLine(let strings): return CommandLineText.write(strings, quote: #"\""#, to: &buffer)
        case .labels(let strings):
            var escaped = false
            for (index, string) in NULSeparated(strings).enumerated() {
                if index > 0 { buffer.append(UInt8(ascii: ",")) }
                if JSONText.write(string, to: &buffer) { escaped = true }
            }
            return escaped
        default: break
        }
        return false
    }

    /// The names of the bits that are set. A name for no bits is that of none of the bits before it in the table.
    static func join(_ bits: UInt64, _ table: NameTable, to buffer: inout TextBuffer) {
        let begin = buffer.count
        var rest = bits
        for (mask, name) in table.names {
            guard mask == 0 ? buffer.count == begin : rest & mask == mask else { continue }
            rest &= ~mask
            if buffer.count > begin { buffer.append(table.separator) }
            buffer.append(name)
        }
        if table.showsRest, rest != 0 {
            if buffer.count > begin { buffer.append(table.separator) }
            buffer.append("0x")
            buffer.append(rest, base: 16)
        }
    }

    /// As /proc shows such files: `pipe:[4711]`, `anon_inode:[eventfd]`, `/memfd:name (deleted)` without the decoration.
    private static func pseudoFile(
        _ name: UnsafeRawBufferPointer,
        _ magic: UInt32,
        _ inode: UInt64,
        to buffer: inout TextBuffer
    ) -> Bool {
        let kind: StaticString
        switch magic {
        case 0x5049_5045: kind = "pipe:["
        case 0x534f_434b: kind = "socket:["
        case 0x0904_1934:
            buffer.append("anon_inode:")
            return JSONText.write(name, to: &buffer)
        case 0x6e73_6673: kind = "nsfs:["
        default: return JSONText.write(name, to: &buffer)
        }
        buffer.append(kind)
        buffer.append(inode)
        buffer.append(UInt8(ascii: "]"))
        return false
    }

    private static func permissions(_ mode: UInt32, to buffer: inout TextBuffer) {
        let type: UInt8 =
            switch mode >> 12 & 0o17 {
            case 0o01: UInt8(ascii: "p")
            case 0o02: UInt8(ascii: "c")
            case 0o04: UInt8(ascii: "d")
            case 0o06: UInt8(ascii: "b")
            case 0o10: UInt8(ascii: "-")
            case 0o12: UInt8(ascii: "l")
            case 0o14: UInt8(ascii: "s")
            default: UInt8(ascii: "?")
            }
        buffer.append(type)
        triad(mode >> 6, special: mode & 0o4000 != 0, UInt8(ascii: "s"), to: &buffer)
        triad(mode >> 3, special: mode & 0o2000 != 0, UInt8(ascii: "s"), to: &buffer)
        triad(mode, special: mode & 0o1000 != 0, UInt8(ascii: "t"), to: &buffer)
    }

    /// One of `rwx`, where a special bit takes the place of x: in lower case when x is set as well.
    private static func triad(_ bits: UInt32, special: Bool, _ letter: UInt8, to buffer: inout TextBuffer) {
        let executable = bits & 1 != 0
        buffer.append(bits & 4 != 0 ? UInt8(ascii: "r") : UInt8(ascii: "-"))
        buffer.append(bits & 2 != 0 ? UInt8(ascii: "w") : UInt8(ascii: "-"))
        if special {
            buffer.append(executable ? letter : letter & ~0x20)
        } else {
            buffer.append(executable ? UInt8(ascii: "x") : UInt8(ascii: "-"))
        }
    }
}
