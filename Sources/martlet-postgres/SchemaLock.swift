/// One of all agents at a time changes tables: what two make at once meets in the server's own catalogue, and fails.
enum SchemaLock {
    /// "mrtl", the key of an advisory lock that is held until the transaction ends.
    private static let key = 0x6d72_746c

    /// Runs in one transaction, under the lock.
    static func hold(
        _ server: borrowing ServerConnection,
        _ body: (borrowing ServerConnection) throws(ServerError) -> Void
    ) throws(ServerError) {
        try server.run("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(\(key))")
        do throws(ServerError) {
            try body(server)
            try server.run("COMMIT")
        } catch {
            _ = server.rollBack()
            throw error
        }
    }
}
