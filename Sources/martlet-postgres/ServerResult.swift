import CLibPQ

/// What a server answered to one statement.
struct ServerResult: ~Copyable {
    private let handle: OpaquePointer?

    /// Takes over what libpq made.
    init(owning handle: OpaquePointer?) { self.handle = handle }

    deinit { PQclear(handle) }

    /// How the statement ended.
    var status: ExecStatusType { PQresultStatus(handle) }

    /// What was done, as "COMMIT" or "UPDATE 1".
    var tag: String { String(cString: PQcmdStatus(handle)) }

    /// All rows, as text; nil for NULL.
    var rows: [[String?]] {
        (0..<PQntuples(handle)).map { row in
            (0..<PQnfields(handle)).map { column in
                PQgetisnull(handle, row, column) != 0 ? nil : String(cString: PQgetvalue(handle, row, column))
            }
        }
    }

    /// A part of an error by its letter in the protocol.
    func errorField(_ letter: Unicode.Scalar) -> String? {
        PQresultErrorField(handle, Int32(letter.value)).map { String(cString: $0) }
    }
}
