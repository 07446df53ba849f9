import Formats
import Glibc
import Model
import NIOCore
import Synchronization

/// One client's events: filtered, encoded, and waiting to be sent; what it does not take in time is dropped, counted and told.
package final class Subscription: Sendable {
    /// What is sent next.
    package enum Piece: Sendable {
        /// Whole lines, and the events in them.
        case lines([UInt8], KindCounts)
        /// Here so many are missing.
        case dropped(KindCounts)
    }

    fileprivate struct State {
        var pieces: [Piece] = []
        /// Events and bytes that wait.
        var queued = 0
        var bytes = 0
        /// What was dropped behind the last piece.
        var gap = KindCounts()
        var sent = KindCounts()
        var dropped = KindCounts()
        var waiter: CheckedContinuation<Piece?, Never>?
        var isEnded = false
    }

    /// How many events and bytes may wait.
    package static let eventLimit = 1 << 16
    package static let byteLimit = 32 << 20

    let loop: any EventLoop
    private let request: SubscriptionRequest
    private let caller: Caller
    private let state = Mutex(State())
    private let writer: WriterBox

    /// Holds the writer, which only the loop uses.
    private final class WriterBox: @unchecked Sendable {
        var writer: EventWriter

        init(_ writer: consuming EventWriter) { self.writer = writer }
    }

    init(_ request: SubscriptionRequest, caller: Caller, node: String, loop: any EventLoop) {
        self.request = request
        self.caller = caller
        self.loop = loop
        writer = WriterBox(request.format.makeWriter(node: node, colored: request.colored))
    }

    /// Encodes what the client wants of a batch. On the loop only.
    func deliver(_ live: LiveBatch) {
        let batch = live.batch
        let filter = request.filter
        writer.writer.write(live.events, of: batch, where: { filter.passes($0, $1) }) { put($0, $1) }
    }

    private func put(_ bytes: UnsafeRawBufferPointer, _ counts: KindCounts) {
        let count = Int(counts.total)
        let waiter = state.withLock { state -> (CheckedContinuation<Piece?, Never>, Piece)? in
            guard !state.isEnded else { return nil }
            let isFull =
                !state.pieces.isEmpty
                && (state.queued + count > Self.eventLimit || state.bytes + bytes.count > Self.byteLimit)
            if isFull {
                state.gap += counts
                state.dropped += counts
                return nil
            }
            if state.gap.total > 0 {
                state.pieces.append(.dropped(state.gap))
                state.gap = KindCounts()
            }
            state.pieces.append(.lines([UInt8](bytes), counts))
            state.queued += count
            state.bytes += bytes.count
            return state.takeForWaiter()
        }
        if let (continuation, piece) = waiter { continuation.resume(returning: piece) }
    }

    /// A batch that is not even encoded, because too much waits: what the client wanted of it counts as dropped.
    func miss(_ live: LiveBatch) {
        let batch = live.batch
        var counts = KindCounts()
        for event in live.events where request.filter.passes(event, batch.record(event)) { counts[event.kind] += 1 }
        let missed = counts
        // Told behind what came before.
        loop.execute { [self] in
            let waiter = state.withLock { state -> (CheckedContinuation<Piece?, Never>, Piece)? in
                state.gap += missed
                state.dropped += missed
                return state.takeForWaiter()
            }
            if let (continuation, piece) = waiter { continuation.resume(returning: piece) }
        }
    }

    /// What is sent next; waits for it. Nil: nothing more comes. One caller at a time.
    package func next() async -> Piece? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isReady, piece) = state.withLock { state -> (Bool, Piece?) in
                    if let piece = state.take() { return (true, piece) }
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

    /// Nothing more will be put in.
    func end() {
        let waiter = state.withLock { state in
            state.isEnded = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }

    /// What became of the client's events.
    var status: AgentStatus.Client {
        state.withLock {
            AgentStatus.Client(caller: caller, sent: $0.sent, dropped: $0.dropped, queued: $0.queued)
        }
    }
}

extension Subscription.State {
    /// The oldest piece; a gap at the end is told when nothing else waits.
    fileprivate mutating func take() -> Subscription.Piece? {
        if pieces.isEmpty {
            guard gap.total > 0 else { return nil }
            defer { gap = KindCounts() }
            return .dropped(gap)
        }
        let piece = pieces.removeFirst()
        if case .lines(let lines, let counts) = piece {
            sent += counts
            queued -= Int(counts.total)
            bytes -= lines.count
        }
        return piece
    }

    fileprivate mutating func takeForWaiter() -> (CheckedContinuation<Subscription.Piece?, Never>, Subscription.Piece)?
    {
        guard let waiter, let piece = take() else { return nil }
        self.waiter = nil
        return (waiter, piece)
    }
}
