import Formats
import Model
import NIOCore
import Synchronization

/// One client's events: filtered, encoded, and waiting to be sent; what it does not take in time is dropped, counted and told.
package final class Subscription: Sendable {
    private struct State {
        var queue = FeedQueue()
        var waiter: CheckedContinuation<FeedQueue.Piece?, Never>?
        var isEnded = false
        var reason = ControlFailure.stopping
    }

    /// How many events may wait; how many bytes may, `FeedBudget` says.
    package static let eventLimit = 1 << 16

    let loop: any EventLoop
    private let request: SubscriptionRequest
    private let caller: Caller
    private let budget: FeedBudget
    private let state = Mutex(State())
    private let writer: WriterBox
    private let clock = ClockBox()

    /// Holds what this client's events have cost, which only the loop uses.
    private final class ClockBox: @unchecked Sendable { var clock = LoopClock() }

    /// Holds the writer, which only the loop uses.
    private final class WriterBox: @unchecked Sendable {
        var writer: EventWriter

        init(_ writer: consuming EventWriter) { self.writer = writer }
    }

    init(_ request: SubscriptionRequest, caller: Caller, node: String, budget: FeedBudget, loop: any EventLoop) {
        self.request = request
        self.caller = caller
        self.budget = budget
        self.loop = loop
        writer = WriterBox(request.makeWriter(node: node))
    }

    /// Encodes what the client wants of a batch. On the loop only.
    func deliver(_ live: LiveBatch) {
        guard !state.withLock({ $0.isEnded }) else { return }
        let begun = LoopClock.now()
        let batch = live.batch
        let filter = request.filter
        writer.writer.write(live.events, of: batch, where: { filter.passes($0, $1) }) { put($0, $1) }
        if clock.clock.exceeds(from: begun, to: LoopClock.now()) { end(.tooDear) }
    }

    private func put(_ bytes: UnsafeRawBufferPointer, _ counts: KindCounts) {
        change { state in
            guard !state.isEnded else { return }
            let isFull =
                !state.queue.isEmpty
                && (state.queue.events + Int(counts.total) > Self.eventLimit
                    || !budget.allows(bytes.count, beside: state.queue.bytes))
            if isFull {
                state.queue.drop(counts)
            } else {
                state.queue.append(bytes, counts)
                budget.add(bytes.count)
            }
        }
    }

    /// A batch that is not even looked at, because too much waits: what the client may have wanted of it, by kind, counts as
    /// dropped.
    func miss(_ counts: KindCounts) {
        var wanted = KindCounts()
        for kind in EventKind.allCases where request.filter.kinds.contains(kind) { wanted[kind] = counts[kind] }
        let missed = wanted
        // Told behind what came before.
        loop.execute { [self] in change { $0.queue.drop(missed) } }
    }

    /// Changes what waits, and gives it to who waits for it.
    private func change(_ body: (inout State) -> Void) {
        let (waiter, piece) = state.withLock { state in
            body(&state)
            guard let waiter = state.waiter, let piece = take(&state) else {
                return (CheckedContinuation<FeedQueue.Piece?, Never>?.none, FeedQueue.Piece?.none)
            }
            state.waiter = nil
            return (waiter, piece)
        }
        waiter?.resume(returning: piece)
    }

    private func take(_ state: inout State) -> FeedQueue.Piece? {
        let piece = state.queue.take()
        if case .lines(let lines, _) = piece { budget.remove(lines.count) }
        return piece
    }

    /// What is sent next; waits for it. Nil: nothing more comes. One caller at a time.
    package func next() async -> FeedQueue.Piece? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isReady, piece) = state.withLock { state -> (Bool, FeedQueue.Piece?) in
                    if let piece = take(&state) { return (true, piece) }
                    if state.isEnded { return (true, nil) }
                    state.waiter = continuation
                    return (false, nil)
                }
                if isReady { continuation.resume(returning: piece) }
            }
        } onCancel: {
            end()
        }
    }

    /// Nothing more will be put in; what waits can still be taken.
    func end(_ reason: ControlFailure = .stopping) {
        let waiter = state.withLock { state in
            if !state.isEnded { state.reason = reason }
            state.isEnded = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }

    /// The client has gone: nobody will take what waits.
    func discard() {
        end()
        state.withLock { state in
            budget.remove(state.queue.bytes)
            state.queue = FeedQueue()
        }
    }

    /// Whose it is.
    var user: String { caller.user }

    /// Why nothing more comes.
    package var endReason: ControlFailure { state.withLock { $0.reason } }

    /// What became of the client's events.
    var status: AgentStatus.Client {
        state.withLock {
            let queue = $0.queue
            return AgentStatus.Client(caller: caller, sent: queue.sent, dropped: queue.dropped, queued: queue.events)
        }
    }
}
