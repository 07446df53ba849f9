/// One thing that can be configured, by one name everywhere: a key of a file, a file of `conf.d`, a variable of the
/// environment, an option of the command line.
package struct ConfigurationKey: Sendable {
    /// "ring-size".
    package let name: String
    /// One sentence or two.
    package let summary: String
    /// What holds without it, as it would be written; empty: nothing.
    package let standard: String
    /// What it takes, for people.
    package let told: String
    /// What it takes, as JSON Schema.
    package let schema: String
    /// What one value of a list is; otherwise the same as the schema.
    let itemSchema: String
    /// Whether it takes several values.
    package let isList: Bool
    /// How many values it takes.
    let count: ClosedRange<Int>
    private let apply: @Sendable ([String], inout RunOptions) -> Int?

    /// "MARTLET_RING_SIZE".
    package var variable: String {
        "MARTLET_" + name.map { $0 == "-" ? "_" : $0.uppercased() }.joined()
    }

    /// A key with one value.
    init<Value>(
        _ name: String,
        _ form: ValueForm<Value>,
        standard: String = "",
        _ summary: String,
        _ set: @escaping @Sendable (inout RunOptions, Value) -> Void
    ) {
        self.name = name
        self.summary = summary
        self.standard = standard
        told = form.told
        schema = form.schema
        itemSchema = form.schema
        isList = false
        count = 1...1
        apply = { texts, options in
            guard let value = texts.first.flatMap(form.read) else { return 0 }
            set(&options, value)
            return nil
        }
    }

    /// A key with a list of values.
    init<Value>(
        list name: String,
        _ form: ValueForm<Value>,
        count: ClosedRange<Int> = 0...10_000,
        standard: String = "",
        _ summary: String,
        _ set: @escaping @Sendable (inout RunOptions, [Value]) -> Void
    ) {
        self.name = name
        self.summary = summary
        self.standard = standard
        told = form.told
        schema = #"{"type": "array", "items": \#(form.schema)}"#
        itemSchema = form.schema
        isList = true
        self.count = count
        apply = { texts, options in
            var values: [Value] = []
            for (index, text) in texts.enumerated() {
                guard let value = form.read(text) else { return index }
                values.append(value)
            }
            set(&options, values)
            return nil
        }
    }

    /// Whether a daemon that runs takes a new value when it reads its configuration again.
    package var holdsAtOnce: Bool { Self.filters.contains(name) }

    /// Takes over what a setting says; otherwise the number of the text that is wrong.
    func take(_ texts: [String], into options: inout RunOptions) -> Int? { apply(texts, &options) }
}
