/// What a tracepoint writes into its record, as `events/SUBSYSTEM/EVENT/format` of tracefs tells it.
package struct TracepointFormat: Sendable, Equatable {
    /// A piece of the record.
    package struct Field: Sendable, Equatable {
        /// Its name.
        package let name: String
        /// Its type as C has it, without the name and without brackets.
        package let type: String
        /// Where it begins.
        package let offset: Int
        /// Its bytes.
        package let bytes: Int
        /// Whether a number has a sign.
        package let isSigned: Bool
        /// Whether it is many of its type, here.
        package let isArray: Bool
        /// Whether it tells where the text is, in place of the text.
        package let isDataLocation: Bool

        /// Whether it points to text.
        package var isText: Bool { type == "char *" || type == "const char *" }
    }

    /// In their order, the four that all tracepoints have first.
    package let fields: [Field]

    /// Reads the file's text; nil when it is no such text.
    package init?(_ text: String) {
        var fields: [Field] = []
        for line in text.split(separator: "\n") {
            let line = line.drop { $0 == "\t" || $0 == " " }
            guard line.hasPrefix("field:") else { continue }
            guard let field = Field(line.dropFirst(6)) else { return nil }
            fields.append(field)
        }
        guard !fields.isEmpty else { return nil }
        self.fields = fields
    }
}

extension TracepointFormat.Field {
    /// Reads `unsigned long args[6];	offset:16;	size:48;	signed:0;`.
    fileprivate init?(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.drop { $0 == "\t" || $0 == " " } }
        guard var declaration = parts.first else { return nil }
        func number(_ name: String) -> Int? {
            parts.first { $0.hasPrefix("\(name):") }.flatMap { Int($0.dropFirst(name.count + 1)) }
        }
        guard let offset = number("offset"), let bytes = number("size"), (0..<1 << 16).contains(offset),
            (0..<1 << 16).contains(bytes)
        else { return nil }
        let isLocation = declaration.hasPrefix("__data_loc ")
        if isLocation { declaration = declaration.dropFirst(11) }
        // The brackets of an array stand behind its name, those of a location behind its type.
        var isArray = false
        if let bracket = declaration.firstIndex(of: "[") {
            isArray = !isLocation
            let end = declaration.firstIndex(of: "]") ?? bracket
            declaration = declaration[..<bracket] + declaration[declaration.index(after: end)...]
        }
        guard let space = declaration.lastIndex(where: { $0 == " " || $0 == "*" }) else { return nil }
        name = String(declaration[declaration.index(after: space)...])
        var type = String(declaration[...space])
        while type.last == " " { type.removeLast() }
        self.type = type
        self.offset = offset
        self.bytes = bytes
        isSigned = number("signed") == 1
        self.isArray = isArray
        isDataLocation = isLocation
        guard !name.isEmpty, !type.isEmpty else { return nil }
    }
}
