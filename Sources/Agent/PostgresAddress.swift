/// Where a PostgreSQL database is, without what opens it.
package struct PostgresAddress: Sendable {
    /// What may be shown, and the variable that stands for each: all else may be a secret.
    private static let keywords = [
        ("host", "PGHOST"), ("hostaddr", "PGHOSTADDR"), ("port", "PGPORT"), ("dbname", "PGDATABASE"),
        ("user", "PGUSER"), ("service", "PGSERVICE"),
    ]

    /// For logs, status and books: "postgres:host=db dbname=audit", or plain "postgres".
    package let shown: String
    /// Tells one database from others, the same at each start, by what the environment says too.
    package let identity: String
    /// False where a password would be taken for a part of the name of a host or database.
    let isMeant: Bool

    /// Reads a URI, keywords and values, the name of a database, or nothing.
    package init(_ conninfo: String, environment: (String) -> String?) {
        let values = ConninfoParser.values(conninfo)
        isMeant = values.map { Self.isMeant($0, isName: ConninfoParser.isName(conninfo)) } ?? true
        guard isMeant, let values else {
            // libpq refuses it: there is no database behind it.
            shown = "postgres"
            identity = "unreadable"
            return
        }
        let given = Self.keywords.compactMap { name, _ in values[name].map { "\(name)=\(Self.quoted($0))" } }
        shown = given.isEmpty ? "postgres" : "postgres:" + given.joined(separator: " ")
        identity = Self.keywords.compactMap { name, variable in
            (values[name] ?? environment(variable).flatMap { $0.isEmpty ? nil : $0 })
                .map { "\(name)=\(Self.quoted($0))" }
        }.joined(separator: " ")
    }

    private static func isMeant(_ values: [String: String], isName: Bool) -> Bool {
        let database = values["dbname"] ?? ""
        // A URI or keywords where only a name can be: the server would be asked for a database of that name, and tell it.
        if isName && database.contains(where: { $0 == "@" || $0 == ":" }) { return false }
        if database.contains("=") || database.contains("@") && database.contains(":") { return false }
        let hosts = ["host", "hostaddr"].flatMap { (values[$0] ?? "").split(separator: ",") }
        // An abstract socket's name begins with it.
        return !hosts.contains { $0.dropFirst().contains("@") || $0.contains("=") }
    }

    /// As libpq would read it, on one line.
    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && !value.contains { $0.isWhitespace || $0 == "'" || $0 == "\\" }
        return isPlain
            ? value : "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
