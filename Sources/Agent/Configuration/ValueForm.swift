/// A form that values are written in, in files, in the environment and as options: what reads it, and how it is told.
package struct ValueForm<Value: Sendable>: Sendable {
    /// For errors: "a size such as 500K, 10M or 1G".
    let told: String
    /// A JSON Schema of one value.
    let schema: String
    /// The value; nil when the text is none.
    let read: @Sendable (String) -> Value?

    init(_ told: String, schema: String, _ read: @escaping @Sendable (String) -> Value?) {
        self.told = told
        self.schema = schema
        self.read = read
    }
}

extension ValueForm where Value == String {
    static let text = ValueForm(
        "a text that is not empty, without a NUL",
        schema: #"{"type": "string", "minLength": 1}"#
    ) {
        // Paths would end at it.
        $0.isEmpty || $0.utf8.contains(0) ? nil : $0
    }
}

extension ValueForm where Value == Bool {
    static let boolean = ValueForm("true or false", schema: #"{"type": "boolean"}"#) { Bool($0) }
}

extension ValueForm where Value == Int {
    static func number(_ range: ClosedRange<Int>) -> ValueForm {
        ValueForm(
            "a number from \(range.lowerBound) to \(range.upperBound)",
            schema: #"{"type": "integer", "minimum": \#(range.lowerBound), "maximum": \#(range.upperBound)}"#
        ) { Int($0).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// A power of two, as rings want.
    static func power(upTo limit: Int) -> ValueForm {
        let powers = sequence(first: 1) { $0 * 2 }.prefix { $0 <= limit }
        return ValueForm(
            "1, 2, 4 … \(limit)",
            schema: #"{"enum": [\#(powers.map(String.init).joined(separator: ", "))]}"#
        ) { Int($0).flatMap { (1...limit).contains($0) && $0 & ($0 - 1) == 0 ? $0 : nil } }
    }
}

extension ValueForm where Value == ByteCount {
    static let size = size("a size such as 500K, 10M or 1G") { _ in true }

    /// A size up to a limit, in bytes.
    static func size(upTo limit: Int) -> ValueForm {
        size("a size such as 500K or 10M, up to \(limit >> 20)M") { $0 <= limit }
    }

    private static func size(_ told: String, _ fits: @escaping @Sendable (Int) -> Bool) -> ValueForm {
        ValueForm(told, schema: #"{"type": ["string", "integer"], "pattern": "^[0-9.]+[KkMmGg]?$"}"#) {
            ByteCount($0).flatMap { fits($0.bytes) ? $0 : nil }
        }
    }
}

extension ValueForm where Value == Seconds {
    static let time = ValueForm(
        "a time such as 30s, 15m, 24h or 7d",
        schema: #"{"type": ["string", "number"], "pattern": "^[0-9.]+[smhd]?$"}"#,
        Seconds.init
    )
}

extension ValueForm {
    /// One of a list of names.
    static func choice(_ names: [String], _ read: @escaping @Sendable (String) -> Value?) -> ValueForm {
        ValueForm(
            "one of \(names.joined(separator: ", "))",
            schema: #"{"enum": [\#(names.map { "\"\($0)\"" }.joined(separator: ", "))]}"#,
            read
        )
    }

    /// A text with a form of its own.
    static func form(_ told: String, _ read: @escaping @Sendable (String) -> Value?) -> ValueForm {
        ValueForm(told, schema: #"{"type": "string"}"#, read)
    }
}
