import CLibPQ

/// Looks at what a user wrote before libpq does, whose complaints quote the place where they stopped to understand: that
/// may be in the middle of a password.
enum ConnectionString {
    /// Throws when it could be misread.
    static func check(_ text: String) throws(ServerError) {
        let scheme = ["postgresql://", "postgres://"].first { text.hasPrefix($0) }
        guard let scheme else {
            // A word without = is the name of a database.
            if text.contains("="), !isParsed(text) {
                throw ServerError(
                    "the connection string is malformed: it takes keyword=value pairs, with a value that has "
                        + "spaces, quotes or backslashes in it as 'it\\'s'"
                )
            }
            return
        }
        let rest = text.dropFirst(scheme.count)
        // Unescaped, these end the password early, and the rest of it would be taken for a host, and told.
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let isAmbiguous = rest.count { $0 == "@" } > 1 || rest.contains("@") && !authority.contains("@")
        if isAmbiguous || !isParsed(text) {
            throw ServerError(
                "the connection URI is malformed: write @ : / ? % in a user or password as %40 %3A %2F %3F %25, "
                    + "or give the password by a service file, .pgpass or PGPASSWORD"
            )
        }
    }

    private static func isParsed(_ text: String) -> Bool {
        guard let options = PQconninfoParse(text, nil) else { return false }
        PQconninfoFree(options)
        return true
    }
}
