import PostgresLink

/// What the agent is told instead of an answer.
struct Refusal: Error {
    /// As it is sent.
    let failure: PostgresFailure

    /// Of our own.
    init(_ text: String) { failure = PostgresFailure(.unavailable, text) }

    /// What a server said while it was to do a task, which stands before it.
    init(_ task: String, _ error: ServerError, ofRows: Bool = false) {
        let hint = error.hint.map { ": \($0)" } ?? ""
        failure = PostgresFailure(
            ofRows && error.isOfRows ? .rows : .unavailable,
            "\(task): \(error.message)\(hint)"
        )
    }
}
