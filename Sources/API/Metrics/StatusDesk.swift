import Collector
import NIOCore

/// Asks the agent how it is, once for all who want to know at the same time: however many ask, it answers one after the other.
///
/// All of it belongs to the loop.
final class StatusDesk: @unchecked Sendable {
    private let control: any AgentControl
    private let executor: LoopExecutor
    private let patience: TimeAmount
    private var pending: EventLoopPromise<AgentStatus>?

    /// - Parameter patience: for how long anybody waits.
    init(_ control: any AgentControl, _ executor: LoopExecutor, patience: TimeAmount) {
        self.control = control
        self.executor = executor
        self.patience = patience
    }

    /// Fails when the agent does not answer in time.
    func ask() -> EventLoopFuture<AgentStatus> {
        let loop = executor.loop
        let answer = loop.makePromise(of: AgentStatus.self)
        let deadline = loop.scheduleTask(in: patience) { answer.fail(NoAnswer()) }
        answer.futureResult.whenComplete { _ in deadline.cancel() }
        let question = pending ?? begin()
        question.futureResult.cascade(to: answer)
        return answer.futureResult
    }

    /// A question that the agent never answers stays the only one.
    private func begin() -> EventLoopPromise<AgentStatus> {
        let question = executor.loop.makePromise(of: AgentStatus.self)
        pending = question
        question.futureResult.whenComplete { _ in self.pending = nil }
        Task(executorPreference: executor) { [control] in
            do { question.succeed(try await control.status()) } catch { question.fail(error) }
        }
        return question
    }

    /// The agent is stuck, or ending.
    struct NoAnswer: Error, CustomStringConvertible {
        var description: String { "the agent does not answer" }
    }
}
