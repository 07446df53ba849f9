import API
import CLinux
import Glibc
import Synchronization

/// Questions to the agent from other threads; its reader answers them between two batches.
package final class Mailbox: Sendable {
    private struct State {
        var questions: [@Sendable (Agent?) -> Void] = []
        var isClosed = false
    }

    /// Readable when there are questions.
    let descriptor: Int32
    private let state = Mutex(State())
    /// How many may wait: more come only from a flood.
    private static let limit = 256

    init() { descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }

    deinit { close(descriptor) }

    /// Asks, and waits for the answer.
    ///
    /// - Parameter question: runs on the reader's thread: keep it short.
    func ask<Answer: Sendable>(_ question: @escaping @Sendable (Agent) throws -> Answer) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let refusal = state.withLock { state -> ControlFailure? in
                guard !state.isClosed else { return .stopping }
                guard state.questions.count < Self.limit else { return .overloaded }
                state.questions.append { agent in
                    guard let agent else { return continuation.resume(throwing: ControlFailure.stopping) }
                    continuation.resume(with: Result { try question(agent) })
                }
                return nil
            }
            if let refusal { return continuation.resume(throwing: refusal) }
            _ = eventfd_write(descriptor, 1)
        }
    }

    /// Answers what waits. On the reader's thread.
    func answer(_ agent: Agent) {
        var count: eventfd_t = 0
        guard eventfd_read(descriptor, &count) == 0 else { return }
        for question in takeAll(close: false) { question(agent) }
    }

    /// No more are taken, and those that wait are told so.
    func close() {
        for question in takeAll(close: true) { question(nil) }
    }

    private func takeAll(close: Bool) -> [@Sendable (Agent?) -> Void] {
        state.withLock { state in
            defer { state.questions = [] }
            if close { state.isClosed = true }
            return state.questions
        }
    }

    private func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }
}
