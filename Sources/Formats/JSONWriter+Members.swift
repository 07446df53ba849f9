import Model

/// Members of objects that stand within a field.
extension JSONWriter {
    /// A comma where one belongs, and the key.
    mutating func key(_ name: StaticString) {
        separate()
        buffer.append(UInt8(ascii: "\""))
        buffer.append(name)
        buffer.append("\":")
    }

    /// Begins the object that is a value's form.
    mutating func open(_ form: ArgumentForm) {
        key(form.key)
        buffer.append(UInt8(ascii: "{"))
    }

    mutating func close() { buffer.append(UInt8(ascii: "}")) }

    /// A value's form that is a number.
    mutating func plain(_ form: ArgumentForm, _ body: (inout TextBuffer) -> Void) {
        key(form.key)
        body(&buffer)
    }

    /// A value's form that is a string.
    mutating func quoted(_ form: ArgumentForm, _ body: (inout TextBuffer) -> Void) {
        key(form.key)
        quoted(body)
    }

    mutating func quoted(_ body: (inout TextBuffer) -> Void) {
        buffer.append(UInt8(ascii: "\""))
        body(&buffer)
        buffer.append(UInt8(ascii: "\""))
    }

    /// A number, unless it is 0.
    mutating func number(_ field: StaticString, _ value: UInt64) {
        guard value != 0 else { return }
        key(field)
        buffer.append(value)
    }

    mutating func name(_ field: StaticString, _ name: StaticString) {
        key(field)
        quoted { $0.append(name) }
    }

    /// A value that has a text of ours, in quotes.
    mutating func scalar(_ field: StaticString, _ value: FieldValue) {
        key(field)
        quoted { _ = ScalarText.write(value, to: &$0) }
    }

    /// Bytes from outside.
    mutating func text(_ field: StaticString, _ bytes: UnsafeRawBufferPointer, _ escaped: inout Bool) {
        key(field)
        if quotedText(bytes) { escaped = true }
    }

    /// Bytes from outside, unless there are none.
    mutating func optionalText(_ field: StaticString, _ bytes: UnsafeRawBufferPointer, _ escaped: inout Bool) {
        if bytes.count > 0 { text(field, bytes, &escaped) }
    }

    /// A kernel namespace.
    mutating func namespace(_ inum: UInt32, isHost: Bool?) {
        buffer.append(#"{"inum":"#)
        buffer.append(UInt64(inum))
        if let isHost { buffer.append(isHost ? #","is_host":true"# : #","is_host":false"#) }
        buffer.append(UInt8(ascii: "}"))
    }
}
