import Collector
import Engine
import Formats
import Glibc
import Model
import NIOCore
import Synchronization

/// Hands live events to whoever asked for them, each with a filter, a form and a bounded queue of their own.
///
/// The reader hands a batch over and goes on; filtering and encoding happen on the loop that also sends.
package final class EventFeed: Sendable {
    private let node: String
    private let subscriptions = Mutex<[Subscription]>([])
    /// What those that have gone had got and missed; changes and is read under the lock of `subscriptions`.
    private let departed = Mutex(AgentStatus.Streamed())
    /// How many there are, for the reader to ask without a lock.
    private let count = Atomic<Int>(0)
    /// Bytes that were handed over and are not encoded yet.
    private let waiting = Atomic<Int>(0)
    private let budget = FeedBudget()
    private let isEnded = Atomic<Bool>(false)

    /// How many clients there can be: in all, of one user, and of all but root and the agent's own.
    package static let limit = 64
    package static let limitOfOne = 16
    package static let limitOfOthers = 48
    private static let byteLimit = 64 << 20

    package init(node: String) { self.node = node }

    /// From now on events come: those of batches that are offered after this call.
    ///
    /// - Parameter isPrivileged: whether it is root or the agent's own user.
    /// - Throws: when there are too many clients, or no thread for them.
    package func subscribe(
        _ request: SubscriptionRequest,
        caller: Caller,
        isPrivileged: Bool = false
    ) throws -> Subscription {
        let executor = try GRPCLoop.get()
        let subscription = Subscription(request, caller: caller, node: node, budget: budget, loop: executor.loop)
        try subscriptions.withLock { list in
            guard !isEnded.load(ordering: .relaxed) else { throw ControlFailure.stopping }
            // Others leave places for root and the agent's own user.
            let own = list.count { $0.user == caller.user }
            let isFull =
                isPrivileged ? list.count >= Self.limit : own >= Self.limitOfOne || list.count >= Self.limitOfOthers
            guard !isFull else { throw ControlFailure.overloaded }
            list.append(subscription)
            count.store(list.count, ordering: .releasing)
        }
        return subscription
    }

    /// The client has gone.
    package func unsubscribe(_ subscription: Subscription) {
        subscriptions.withLock { list in
            if list.contains(where: { $0 === subscription }) { departed.withLock { $0 += subscription.status } }
            list.removeAll { $0 === subscription }
            count.store(list.count, ordering: .releasing)
        }
        subscription.discard()
    }

    /// Hands a batch over, before anything is filtered out of it. Costs one load while nobody listens.
    package func offer(_ batch: EventBatch) {
        guard count.load(ordering: .acquiring) > 0, !batch.events.isEmpty else { return }
        let list = subscriptions.withLock { $0 }
        guard let loop = list.first?.loop else { return }
        // A batch that is mostly filtered out, or small, is copied, so that its room goes back to the pool.
        let live = LiveBatch(batch.slim())
        let size = live.batch.footprint
        guard waiting.load(ordering: .relaxed) + size <= Self.byteLimit else {
            // To filter here would take the reader's time, of which there is too little.
            var counts = KindCounts()
            for event in live.events { counts[event.kind] += 1 }
            for subscription in list { subscription.miss(counts) }
            return
        }
        waiting.add(size, ordering: .relaxed)
        loop.execute {
            self.waiting.subtract(size, ordering: .relaxed)
            for subscription in list { subscription.deliver(live) }
        }
    }

    /// Nothing more will come: clients get what waits for them, and then the end.
    package func end() {
        let list = subscriptions.withLock { list in
            isEnded.store(true, ordering: .relaxed)
            return list
        }
        // Behind what was handed over.
        for subscription in list { subscription.loop.execute { subscription.end() } }
    }

    /// What became of the events, for each client.
    package var clients: [AgentStatus.Client] { subscriptions.withLock { $0 }.map(\.status) }

    /// The same of all clients that ever came; never less than before.
    package var streamed: AgentStatus.Streamed {
        subscriptions.withLock { list in
            list.reduce(into: departed.withLock { $0 }) { $0 += $1.status }
        }
    }
}

/// What a client asks for.
package struct SubscriptionRequest: Sendable {
    package var filter = EventFilter()
    package var format = EventFormat.json
    package var colored = false
    /// Messages of bpfd's service, and not lines of a format.
    package var asBPFDMessages = false

    /// How many values a field of the filter can have, and how long they can be.
    static let limit = 256
    static let longest = 4096

    package init() {}

    /// What makes bytes of the events.
    func makeWriter(node: String) -> EventWriter {
        asBPFDMessages ? .bpfdMessages(BPFDMessages()) : format.makeWriter(node: node, colored: colored)
    }
}
