import UserInput

/// Reads TOML 1.0 (https://toml.io/en/v1.0.0), and where each key and value stands.
///
/// Ours, since the one library that there is for Swift gives no places, cuts strings at a NUL and never frees a document.
package struct TOMLParser {
    let file: String
    let bytes: [UInt8]
    var index = 0
    private(set) var line = 1
    private var lineStart = 0
    private let root: Builder
    /// How deep arrays and inline tables are in each other.
    var depth = 0

    static let deepest = 64

    /// A table while it grows.
    private final class Builder {
        enum Origin {
            /// `[a]` of `[a.b]`: may still get a header of its own.
            case implied
            case header
            /// `a.b = 1`: only such keys of the same table add to it.
            case dotted
            /// `{…}`: nothing is added.
            case inline
        }

        enum Child {
            case value(TOMLNode)
            case table(Builder)
            case tables(List)
        }

        /// A reference, since it grows in its place.
        final class List {
            var builders: [Builder]

            init(_ first: Builder) { builders = [first] }

            var last: Builder { builders[builders.count - 1] }
        }

        var origin: Origin
        let place: InputPlace
        var order: [String] = []
        var children: [String: (place: InputPlace, child: Child)] = [:]

        init(_ origin: Origin, _ place: InputPlace) {
            self.origin = origin
            self.place = place
        }

        func put(_ key: String, _ place: InputPlace, _ child: Child) {
            if children.updateValue((place, child), forKey: key) == nil { order.append(key) }
        }

        var table: TOMLTable {
            TOMLTable(
                entries: order.compactMap { key in
                    children[key].map { TOMLTable.Entry(key: key, place: $0.place, node: node($0.child)) }
                }
            )
        }

        private func node(_ child: Child) -> TOMLNode {
            switch child {
            case .value(let node): node
            case .table(let builder): builder.node
            case .tables(let list):
                TOMLNode(value: .array(list.builders.map(\.node)), place: list.builders[0].place)
            }
        }

        private var node: TOMLNode { TOMLNode(value: .table(table), place: place) }
    }

    /// The table that a text is.
    package static func parse(_ bytes: [UInt8], file: String) throws(TOMLError) -> TOMLTable {
        guard let text = String(validating: bytes, as: UTF8.self), text.utf8.count == bytes.count else {
            throw TOMLError(place: UTF8Fault.place(in: bytes, file), what: "no UTF-8")
        }
        var parser = TOMLParser(bytes, file)
        return try parser.document()
    }

    private init(_ bytes: [UInt8], _ file: String) {
        self.bytes = bytes
        self.file = file
        root = Builder(.header, InputPlace(file: file, line: 1, column: 1))
        // A byte order mark.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    private mutating func document() throws(TOMLError) -> TOMLTable {
        var current = root
        while true {
            try skipBlankLines()
            guard let byte = peek else { return root.table }
            if byte == UInt8(ascii: "[") {
                current = try header()
            } else {
                try keyValue(into: current)
            }
            try endLine()
        }
    }

    // MARK: - Tables

    private mutating func header() throws(TOMLError) -> Builder {
        index += 1
        let isArray = peek == UInt8(ascii: "[")
        if isArray { index += 1 }
        skipBlanks()
        let keys = try dottedKey()
        try expect("]", "the header's closing ]")
        if isArray { try expect("]", "the second ] that closes the header") }
        guard let last = keys.last else { throw error("a table's name is missing") }
        let parent = try open(keys.dropLast())
        switch (parent.children[last.name]?.child, isArray) {
        case (nil, true):
            let table = Builder(.header, last.place)
            parent.put(last.name, last.place, .tables(Builder.List(table)))
            return table
        case (nil, false):
            let table = Builder(.header, last.place)
            parent.put(last.name, last.place, .table(table))
            return table
        case (.tables(let list), true):
            let table = Builder(.header, last.place)
            list.builders.append(table)
            return table
        case (.table(let table), false) where table.origin == .implied:
            table.origin = .header
            return table
        default: throw again(last, parent)
        }
    }

    /// The table that a header's keys lead to; those on the way that are not there are made.
    private func open(_ keys: ArraySlice<Key>) throws(TOMLError) -> Builder {
        var table = root
        for key in keys {
            switch table.children[key.name]?.child {
            case nil:
                let next = Builder(.implied, key.place)
                table.put(key.name, key.place, .table(next))
                table = next
            case .table(let next) where next.origin != .inline: table = next
            case .tables(let list): table = list.last
            default: throw again(key, table)
            }
        }
        return table
    }

    private mutating func keyValue(into table: Builder) throws(TOMLError) {
        let keys = try dottedKey()
        try expect("=", "= behind the key")
        skipBlanks()
        let node = try value()
        try put(node, keys, into: table)
    }

    private func put(_ node: TOMLNode, _ keys: [Key], into table: Builder) throws(TOMLError) {
        var table = table
        for key in keys.dropLast() {
            switch table.children[key.name]?.child {
            case nil:
                let next = Builder(.dotted, key.place)
                table.put(key.name, key.place, .table(next))
                table = next
            case .table(let next) where next.origin == .dotted: table = next
            default: throw again(key, table)
            }
        }
        guard let last = keys.last else { return }
        guard table.children[last.name] == nil else { throw again(last, table) }
        table.put(last.name, last.place, .value(node))
    }

    private func again(_ key: Key, _ table: Builder) -> TOMLError {
        let first = table.children[key.name].map { ", at line \($0.place.line)" } ?? ""
        return TOMLError(place: key.place, what: "'\(key.name)' is there already\(first)")
    }

    /// `{a = 1, b.c = 2}`, behind its brace.
    mutating func inlineTable(_ place: InputPlace) throws(TOMLError) -> TOMLNode {
        let table = Builder(.inline, place)
        skipBlanks()
        if peek == UInt8(ascii: "}") {
            index += 1
            return TOMLNode(value: .table(table.table), place: place)
        }
        while true {
            skipBlanks()
            try keyValue(into: table)
            skipBlanks()
            switch peek {
            case UInt8(ascii: ","): index += 1
            case UInt8(ascii: "}"):
                index += 1
                return TOMLNode(value: .table(table.table), place: place)
            default: throw error("a table in braces goes on with , or ends with }, on the same line")
            }
        }
    }

    // MARK: - Keys

    struct Key {
        let name: String
        let place: InputPlace
    }

    private mutating func dottedKey() throws(TOMLError) -> [Key] {
        var keys: [Key] = []
        while true {
            skipBlanks()
            let place = place
            keys.append(Key(name: try key(), place: place))
            skipBlanks()
            guard peek == UInt8(ascii: ".") else { return keys }
            guard keys.count < Self.deepest else { throw error("more than \(Self.deepest) names in one key") }
            index += 1
        }
    }

    private mutating func key() throws(TOMLError) -> String {
        switch peek {
        case UInt8(ascii: "\""): return try basicString()
        case UInt8(ascii: "'"): return try literalString()
        default: break
        }
        let begin = index
        while let byte = peek, Self.isBare(byte) { index += 1 }
        guard index > begin else {
            throw error("a key is expected here: letters, digits, - and _, or a text in quotes")
        }
        return String(decoding: bytes[begin..<index], as: UTF8.self)
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    // MARK: - Bytes

    var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    var place: InputPlace { InputPlace(file: file, line: line, column: index - lineStart + 1) }

    func error(_ what: String) -> TOMLError { TOMLError(place: place, what: what) }

    mutating func skipBlanks() {
        while let byte = peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { index += 1 }
    }

    /// Takes a newline, if there is one.
    mutating func takeNewline() -> Bool {
        if peek == UInt8(ascii: "\r"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\n") { index += 1 }
        guard peek == UInt8(ascii: "\n") else { return false }
        index += 1
        line += 1
        lineStart = index
        return true
    }

    /// Blanks, newlines and comments.
    mutating func skipBlankLines() throws(TOMLError) {
        repeat {
            skipBlanks()
            try skipComment()
        } while takeNewline()
    }

    private mutating func skipComment() throws(TOMLError) {
        guard peek == UInt8(ascii: "#") else { return }
        while let byte = peek, byte != UInt8(ascii: "\n") {
            let isLineEnd =
                byte == UInt8(ascii: "\r") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")
            if isLineEnd { return }
            guard byte >= 0x20 && byte != 0x7f || byte == UInt8(ascii: "\t") else {
                throw error("a control character in a comment")
            }
            index += 1
        }
    }

    private mutating func endLine() throws(TOMLError) {
        skipBlanks()
        try skipComment()
        guard index == bytes.count || takeNewline() else {
            throw error("the line goes on behind its value: is a quote, a comma or a # missing?")
        }
    }

    mutating func expect(_ character: Unicode.Scalar, _ what: String) throws(TOMLError) {
        skipBlanks()
        guard peek == UInt8(ascii: character) else { throw error("\(what) is missing") }
        index += 1
    }
}

/// Bytes that are no text.
private enum UTF8Fault {
    /// The line of the first.
    static func place(in bytes: [UInt8], _ file: String) -> InputPlace {
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { break }
            line += 1
        }
        return InputPlace(file: file, line: line, column: 1)
    }
}
