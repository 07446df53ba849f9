import PostgresLink

/// Which tables of a database are written, by their names in SQL.
struct Tables {
    /// How far each stream came.
    let streams: String
    /// Where rows are copied to.
    let copies: [PostgresRelation: String]
    /// Whether a column holds 32 bits where values may have more.
    var hasNarrowColumns = false

    /// The columns of a relation, as CREATE TABLE takes them; `more` is put behind the type of those that it names.
    static func columns(_ relation: PostgresRelation, _ more: [String: String] = [:]) -> String {
        relation.columns.map { name, type in
            "\"\(name)\" \(type)\(more[name].map { " \($0)" } ?? "")"
        }.joined(separator: ", ")
    }

    /// The table that positions are kept in.
    static func streams(named name: String) -> String {
        """
        CREATE TABLE \(name) (
            id uuid PRIMARY KEY, host text NOT NULL, frame bigint NOT NULL, events bigint NOT NULL,
            updated timestamptz NOT NULL
        )
        """
    }
}
