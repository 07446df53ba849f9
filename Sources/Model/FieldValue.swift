/// The value of a field, as far as it goes without an allocation: text still lies in its record.
package enum FieldValue {
    /// Not captured, or meaningless for this event.
    case absent
    case number(Int64)
    /// A number that may exceed what JSON readers keep exactly: Tetragon's JSON gives these as strings.
    case large(UInt64)
    case boolean(Bool)
    /// Text from outside: any bytes.
    case text(UnsafeRawBufferPointer)
    /// Bytes that are no text: base64 in JSON, hexadecimal for people.
    case bytes(UnsafeRawBufferPointer)
    /// Text of ours.
    case name(StaticString)
    /// Strings, each with a NUL behind it.
    case strings(UnsafeRawBufferPointer)
    /// Strings, each with a NUL behind it: all but the first, joined as a command line.
    case commandLine(UnsafeRawBufferPointer)
    /// NAME=value, each with a NUL behind it.
    case variables(UnsafeRawBufferPointer)
    /// NAME=value, each with a NUL behind it, as one object; names differ.
    case labels(UnsafeRawBufferPointer)
    /// The names of the bits that are set, joined or as a list.
    case words(UInt64, NameTable)
    case list(UInt64, NameTable)
    /// In octal, with a leading zero.
    case octal(UInt32)
    /// As `ls -l` shows a mode.
    case permissions(UInt32)
    /// major:minor
    case device(UInt32)
    /// ns since 1970
    case time(UInt64)
    case execution(Execution.ID)
    /// A kernel namespace: its inode number, and whether the host's first process is in it.
    case namespace(UInt32, isHost: Bool?)
    case signal(Int32)
    case errno(Int32)
    /// An IP address: its 4 or 16 bytes.
    case address(UnsafeRawBufferPointer)
    case hexadecimal(UInt64)
    /// A file of a mount of the kernel's own: its bare name, file system and inode number.
    case pseudoFile(UnsafeRawBufferPointer, magic: UInt32, inode: UInt64)
    /// A policy's tags, as a list.
    case tags(Call.Tags)
    /// What a policy shows of a call, as a list; values that stand behind those of the first role follow them.
    case arguments(Call, Call.Role, Call.Role? = nil)
    /// The first value of a role.
    case argument(Call, Call.Role)
}

/// Names for the bits of a number.
package struct NameTable: Sendable {
    /// Between the names where they are joined.
    package let separator: StaticString
    /// A name and the bits that stand for it; those with more bits first.
    package let names: [(bits: UInt64, name: StaticString)]
    /// Bits without a name are added in hexadecimal.
    package let showsRest: Bool

    package init(separator: StaticString = " ", showsRest: Bool = false, _ names: [(bits: UInt64, name: StaticString)])
    {
        self.separator = separator
        self.showsRest = showsRest
        self.names = names
    }
}
