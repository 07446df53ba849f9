import API
import Collector
import Engine
import Fixtures
import Model
import Testing
import UserInput

/// What one client gets of the events, whatever it or others do.
@Suite struct SubscriptionTests {
    private let who = Who(40, start: 4000)
    private let feed = EventFeed(node: "node-1")
    private let caller = Caller.process(Peer(pid: 1, uid: 0, groups: []))

    private func subscribe(_ change: (inout SubscriptionRequest) -> Void = { _ in }) throws -> Subscription {
        var request = SubscriptionRequest()
        change(&request)
        return try feed.subscribe(request, caller: caller)
    }

    private func opens(_ count: Int, from first: Int = 0) -> EventBatch {
        Pipeline().batch(
            (first..<first + count).map { Records.open(who, at: UInt64(9000 + $0), name: "/n/\($0)", path: "/n/\($0)") }
        )
    }

    /// What comes until the feed ends: the lines, and how many were dropped between them.
    private func all(_ subscription: Subscription) async -> (lines: [String], dropped: UInt64) {
        var lines: [String] = []
        var dropped: UInt64 = 0
        while let piece = await subscription.next() {
            switch piece {
            case .lines(let bytes, _): lines += Pipeline.lines(bytes)
            case .dropped(let counts): dropped += counts.total
            }
        }
        return (lines, dropped)
    }

    @Test func everyClientGetsEveryEventInOrder() async throws {
        let clients = try (0..<3).map { _ in try subscribe() }
        for batch in 0..<11 { feed.offer(opens(97, from: 97 * batch)) }
        feed.end()
        for client in clients {
            let (lines, dropped) = await all(client)
            let names = try lines.map { try JSON(parsing: $0).process_file["name"].text }
            #expect(names == (0..<1067).map { "/n/\($0)" })
            #expect(dropped == 0)
        }
    }

    @Test func eachClientHasAFilterOfItsOwn() async throws {
        let some = try subscribe { $0.filter.paths = [PathPattern("/n/7")] }
        let none = try subscribe { $0.filter.kinds = [.exit] }
        let forms = try subscribe { $0.format = .compact }
        feed.offer(opens(13))
        feed.end()
        #expect(await all(some).lines.count == 1)
        #expect(await all(none).lines.isEmpty)
        #expect(await all(forms).lines.count == 13)
    }

    @Test func theOutputsFilterTakesNothingFromClients() async throws {
        let client = try subscribe()
        let batch = opens(13)
        feed.offer(batch)
        var engine = Engine(filter: EventFilter(), count: 0)
        engine.process(batch)
        #expect(batch.events.isEmpty)
        feed.end()
        #expect(await all(client).lines.count == 13)
    }

    @Test func aClientThatDoesNotReadLosesWhatItsQueueDoesNotHoldAndIsToldHowMuch() async throws {
        let slow = try subscribe()
        let offered = 50 * 2003
        for batch in 0..<50 { feed.offer(opens(2003, from: 2003 * batch)) }
        feed.end()
        // The loop is not what this is about: it has seen all of them first.
        while let client = feed.clients.first, client.queued + Int(client.dropped.total) < offered {
            try await Task.sleep(for: .milliseconds(1))
        }
        let (lines, dropped) = await all(slow)
        #expect(dropped > 0)
        #expect(lines.count <= Subscription.eventLimit)
        #expect(lines.count + Int(dropped) == offered)
        let status = try #require(feed.clients.first)
        #expect(status.sent.total == UInt64(lines.count))
        #expect(status.dropped.total == dropped)
        #expect(status.queued == 0)
    }

    @Test func whatIsMissingIsToldWhereItIsMissing() async throws {
        let client = try subscribe()
        var batches = 0
        // Until something was dropped.
        while feed.clients.first?.dropped.total == 0 {
            feed.offer(opens(4001, from: 4001 * batches))
            batches += 1
            try await Task.sleep(for: .milliseconds(1))
        }
        let missing = feed.clients.first?.dropped.total ?? 0
        feed.offer(opens(1, from: 4001 * batches))
        var next = 0
        var told = 0
        func take(_ piece: FeedQueue.Piece) throws {
            switch piece {
            case .lines(let bytes, _):
                for line in Pipeline.lines(bytes) {
                    #expect(try JSON(parsing: line).process_file["name"].text == "/n/\(next)")
                    next += 1
                }
            case .dropped(let counts):
                next += Int(counts.total)
                told += Int(counts.total)
            }
        }
        feed.end()
        while let piece = await client.next() { try take(piece) }
        #expect(told >= Int(missing))
        #expect(next == 4001 * batches + 1)
    }

    @Test func aClientThatWentAwayCostsNothing() throws {
        let client = try subscribe()
        feed.unsubscribe(client)
        feed.offer(opens(13))
        #expect(feed.clients.isEmpty)
    }

    @Test func thereIsALimitOfClientsOfEachUserAndOfAll() throws {
        func subscribe(_ uid: UInt32, isPrivileged: Bool = false) throws -> Subscription {
            let caller = Caller.process(Peer(pid: 1, uid: uid, groups: []))
            return try feed.subscribe(SubscriptionRequest(), caller: caller, isPrivileged: isPrivileged)
        }
        let clients = try (0..<EventFeed.limitOfOne).map { _ in try subscribe(1000) }
        #expect(throws: ControlFailure.overloaded) { try subscribe(1000) }
        feed.unsubscribe(clients[0])
        _ = try subscribe(1000)
        for uid in 0..<UInt32(EventFeed.limitOfOthers - EventFeed.limitOfOne) { _ = try subscribe(2000 + uid) }
        #expect(throws: ControlFailure.overloaded) { try subscribe(3000) }
        // Root still has its places.
        for _ in EventFeed.limitOfOthers..<EventFeed.limit { _ = try subscribe(0, isPrivileged: true) }
        #expect(throws: ControlFailure.overloaded) { try subscribe(0, isPrivileged: true) }
    }

    @Test func aFilterThatTakesTooMuchTimeEndsItsClient() async throws {
        let dear = try subscribe { request in
            // Each is tried to its end at each place of the path.
            let glob = "*" + String(repeating: "a", count: 1000) + "b"
            request.filter.paths = (0..<256).map { _ in PathPattern(glob) }
        }
        let other = try subscribe()
        let path = "/" + String(repeating: "a", count: 4000)
        for _ in 0..<20 { feed.offer(Pipeline().batch([Records.open(who, at: 9000, name: path, path: path)])) }
        while let piece = await dear.next() { _ = piece }
        #expect(dear.endReason == .tooDear)
        feed.end()
        #expect(await all(other).lines.count == 20)
    }

    @Test func anAgentThatEndsTakesNoClients() throws {
        feed.end()
        #expect(throws: ControlFailure.stopping) { try subscribe() }
    }
}
