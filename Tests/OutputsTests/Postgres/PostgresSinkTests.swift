import Fixtures
import Glibc
import Logging
import Model
import Outputs
import PostgresLink
import Synchronization
import Testing

/// What the sink does when the database, the helper or the agent are not as they should be.
@Suite struct PostgresSinkTests {
    private let database = FakeDatabase()

    private func position(_ frame: UInt64, _ events: Int = 0) -> SpoolPosition {
        SpoolPosition(frame: frame, events: events)
    }

    /// The numbers in the names of the opens of `Lines.batches` that are in the database.
    private var numbers: [Int] {
        database.rows(.events).map { $0.text("path").flatMap { Int($0.dropFirst()) } ?? -1 }
    }

    @Test func aCallIsATransactionWithItsDaysAndItsPosition() throws {
        let sink = Postgres.sink(database)
        let batches = Postgres.spooled(Lines.batches(3, of: 10), from: 7)
        let result = sink.write(batches, from: position(7)) { false }
        #expect(result.position == position(10) && result.problem == nil)
        #expect(database.transactions.count == 1 && database.launches == 1)
        #expect(database.transactions.first?.days == [0])
        #expect(database.position == PostgresPosition(frame: 10, events: 0))
        #expect(numbers == Array(0..<30))
        let open = try #require(database.opens.first)
        #expect(open.conninfo == "host=/none" && open.layout == .martlet && open.host == "node-1")
        #expect(open.stream.count == 32 && open.retentionDays == 7)
    }

    @Test func theFirstEventsOfAFrameThatAreThereAreLeftOut() {
        let batches = Postgres.spooled(Lines.batches(2, of: 10))
        #expect(Postgres.sink(database).write(batches, from: position(0, 4)) { false }.problem == nil)
        #expect(numbers == Array(4..<20))
    }

    @Test func whatTheDatabaseHasAlreadyIsNotWrittenAgain() {
        let batches = Postgres.spooled(Lines.batches(3, of: 10))
        database.position = PostgresPosition(frame: 1, events: 5)
        let result = Postgres.sink(database).write(batches, from: position(0)) { false }
        #expect(result.position == position(3) && result.problem == nil)
        #expect(numbers == Array(15..<30))
    }

    @Test func aDatabaseThatIsPastTheBatchesSaysHowFar() {
        database.position = PostgresPosition(frame: 9, events: 2)
        let batches = Postgres.spooled(Lines.batches(3, of: 10))
        let result = Postgres.sink(database).write(batches, from: position(0)) { false }
        #expect(result.position == position(9, 2) && result.problem == nil)
        #expect(database.transactions.isEmpty)
    }

    @Test func aDatabaseThatIsBehindIsGivenWhatThereIsAndTheLogSaysSoOnce() {
        let log = Log()
        let sink = Postgres.sink(database, .martlet, log.logger)
        database.position = PostgresPosition(frame: 2, events: 1)
        #expect(
            sink.write(Postgres.spooled(Lines.batches(1, of: 3), from: 5), from: position(5)) { false }.problem == nil
        )
        #expect(numbers == [0, 1, 2])
        sink.finish { false }
        database.position = PostgresPosition(frame: 2, events: 1)
        #expect(
            sink.write(Postgres.spooled(Lines.batches(1, of: 3), from: 6), from: position(6)) { false }.problem == nil
        )
        #expect(log.lines.count { $0.contains("up to 2.1") } == 1, "\(log.lines)")
    }

    @Test func batchesWithoutEventsMoveThePositionOn() {
        let batches = Postgres.spooled([Pipeline().batch([]), Pipeline().batch([])], from: 3)
        let result = Postgres.sink(database).write(batches, from: position(3)) { false }
        #expect(result.position == position(5) && result.problem == nil)
        #expect(database.position == PostgresPosition(frame: 5, events: 0))
    }

    @Test func noBatchesAreNoWork() {
        #expect(Postgres.sink(database).write([], from: position(3)) { false }.position == position(3))
        #expect(database.launches == 0)
    }

    @Test func anExecutionIsWrittenOnceADayAndAgainWhenItIsBetterKnown() {
        let sink = Postgres.sink(database)
        let pipeline = Pipeline()
        let (who, day): (Who, UInt64) = (Who(90, start: 6000), 86_400_000_000_000)
        let batches = [
            [Records.open(who, at: 6001), Records.open(who, at: 6002)],
            [Records.open(who, at: 6003)],
            [Records.snapshot(who, of: Who(1, start: 0), at: 6004, binary: "/bin/late")],
            [Records.open(who, at: 6005)],
            [Records.clock(wall: day, at: 7000), Records.open(who, at: 7001), Records.open(who, at: 7002)],
        ].map { pipeline.batch($0) }
        for (number, batch) in Postgres.spooled(batches).enumerated() {
            #expect(sink.write([batch], from: position(UInt64(number))) { false }.problem == nil)
        }
        let rows = database.rows(.executions).filter { $0.number("pid") == 90 }
        #expect(rows.map { $0.text("binary") } == [nil, "/bin/late", "/bin/late"])
        #expect(rows.map { $0.number("day") } == [-10957, -10957, -10956])
    }

    @Test func whatWasSentInATransactionThatFailedIsSentAgain() {
        let sink = Postgres.sink(database)
        let batches = Postgres.spooled(Lines.batches(1, of: 3))
        let isFirst = Mutex(true)
        database.setFault { message in
            guard case .commit = message,
                isFirst.withLock({ first in
                    defer { first = false }; return first
                })
            else {
                return nil
            }
            return .fail(PostgresFailure(.unavailable, "disk full"))
        }
        let failed = sink.write(batches, from: position(0)) { false }
        #expect(failed.position == position(0) && failed.problem == .failed(SinkFailure("disk full")))
        let result = sink.write(batches, from: position(0)) { false }
        #expect(result.position == position(1) && result.problem == nil)
        #expect(database.rows(.executions).count == 1 && numbers == [0, 1, 2])
        // The same helper, asked to open again.
        #expect(database.launches == 1 && database.opens.count == 2)
    }

    private static func names(_ rows: [UInt8]) -> Set<String> {
        Set(Row.all(.events, rows).compactMap { $0.text("path") })
    }

    /// Has the database refuse each transaction that has one of these events.
    private func refuse(_ names: [String]) {
        let isBad = Mutex(false)
        database.setFault { message in
            switch message {
            case .begin: isBad.withLock { $0 = false }
            case .copy(.events, let rows):
                if !Self.names(rows).isDisjoint(with: names) { isBad.withLock { $0 = true } }
            case .commit: if isBad.withLock({ $0 }) { return .fail(PostgresFailure(.rows, "no such thing")) }
            default: break
            }
            return nil
        }
    }

    private func name(_ number: Int) -> String {
        let digits = "\(number)"
        return "n" + String(repeating: "0", count: 20 - digits.count) + digits
    }

    @Test(arguments: [[0], [299], [100], [99, 100], [17, 18, 19, 250], Array(0..<10)])
    func refusedEventsAreFoundAndAllOthersAreWritten(bad: [Int]) {
        refuse(bad.map(name))
        let sink = Postgres.sink(database)
        let batches = Postgres.spooled(Lines.batches(3, of: 100))
        var (refused, at): ([SpoolPosition], SpoolPosition) = ([], position(0))
        while true {
            let result = sink.write(batches, from: at) { false }
            guard result.problem == .refused(SinkFailure("no such thing")) else {
                #expect(result.problem == nil && result.position == position(3))
                break
            }
            refused.append(result.position)
            at = SpoolPosition(frame: result.position.frame, events: result.position.events + 1)
        }
        #expect(refused == bad.map { position(UInt64($0 / 100), $0 % 100) })
        #expect(numbers == Array(0..<300).filter { !bad.contains($0) })
        #expect(database.launches == 1)
    }

    /// Two rows that do not go together, each of which is good by itself.
    @Test func whatIsTakenInPartsIsNotRefused() {
        let names: Set = [name(10), name(290)]
        let seen = Mutex<Set<String>>([])
        database.setFault { message in
            switch message {
            case .begin: seen.withLock { $0 = [] }
            case .copy(.events, let rows): seen.withLock { $0.formUnion(Self.names(rows)) }
            case .commit:
                if seen.withLock({ names.isSubset(of: $0) }) { return .fail(PostgresFailure(.rows, "both")) }
            default: break
            }
            return nil
        }
        let batches = Postgres.spooled(Lines.batches(3, of: 100))
        let result = Postgres.sink(database).write(batches, from: position(0)) { false }
        #expect(result.problem == nil && result.position == position(3))
        #expect(numbers == Array(0..<300))
    }

    @Test func aHelperThatEndsIsStartedAgain() {
        let sink = Postgres.sink(database)
        let batches = Postgres.spooled(Lines.batches(2, of: 3))
        #expect(sink.write([batches[0]], from: position(0)) { false }.problem == nil)
        database.setFault { if case .begin = $0 { .end } else { nil } }
        let result = sink.write([batches[1]], from: position(1)) { false }
        #expect(result.position == position(1))
        #expect(result.problem == .failed(SinkFailure("martlet-postgres ended; it is started again")))
        database.setFault { _ in nil }
        #expect(sink.write([batches[1]], from: position(1)) { false }.problem == nil)
        #expect(database.launches == 2 && numbers == Array(0..<6))
        // What the first one committed is known to the new one's database, the executions are not known to be.
        #expect(database.rows(.executions).count == 2)
    }

    @Test func aHelperThatCannotBeStartedSaysWhatToInstall() {
        let sink = Postgres.sink(database)
        let batches = Postgres.spooled(Lines.batches(1, of: 3))
        func text() -> String {
            guard case .failed(let failure) = sink.write(batches, from: position(0), isUrgent: { false }).problem else {
                return "not failed"
            }
            return failure.description
        }
        database.failure = LaunchFailure(path: "/usr/libexec/martlet/martlet-postgres", errno: ENOENT)
        #expect(text().hasPrefix("martlet-postgres is not installed: "))
        database.failure = LaunchFailure(path: "/a/martlet-postgres", errno: EACCES)
        #expect(text() == "/a/martlet-postgres: the agent's user may not execute it")
        database.failure = nil
        database.setFault { _ in .end }
        #expect(text().contains("it needs libpq (Debian: libpq5, Fedora: libpq)"))
        database.setFault { _ in .foreign }
        #expect(text().contains("of another version than martlet"))
        database.setFault { _ in nil }
        #expect(text() == "not failed")
        #expect(numbers == [0, 1, 2])
    }

    @Test func aDatabaseThatIsAwayIsWaitedForByWhoeverCalls() {
        let sink = Postgres.sink(database)
        let batches = Postgres.spooled(Lines.batches(1, of: 3))
        database.setFault { if case .open = $0 { .fail(PostgresFailure(.unavailable, "no connection")) } else { nil } }
        for _ in 0..<3 {
            let result = sink.write(batches, from: position(0)) { false }
            #expect(result.position == position(0) && result.problem == .failed(SinkFailure("no connection")))
        }
        database.setFault { _ in nil }
        #expect(sink.write(batches, from: position(0)) { false }.problem == nil)
        #expect(database.launches == 1)
    }

    @Test func afterNoMoreTimeTheDatabaseIsAskedHowFarItIs() {
        let sink = Postgres.sink(database)
        let batches = Postgres.spooled(Lines.batches(1, of: 3))
        database.setFault { if case .commit = $0 { .late } else { nil } }
        let result = sink.write(batches, from: position(0)) { true }
        #expect(result.position == position(0) && result.problem == .abandoned)
        database.setFault { _ in nil }
        // It had committed all the same, a moment later.
        for _ in 0..<500 where database.transactions.isEmpty { usleep(10_000) }
        let again = sink.write(batches, from: position(0)) { false }
        #expect(again.position == position(1) && again.problem == nil)
        #expect(numbers == [0, 1, 2] && database.launches == 2)
    }

    @Test func whatTheHelperHasToSayIsLoggedWhereAllSeeIt() {
        let log = Log(.notice)
        database.setFault { if case .copy = $0 { .notice("a new partition") } else { nil } }
        let batches = Postgres.spooled(Lines.batches(1, of: 3))
        #expect(
            Postgres.sink(database, .martlet, log.logger).write(batches, from: position(0)) { false }.problem == nil
        )
        #expect(log.lines.contains("postgres: a new partition"))
    }

    /// A long transaction goes in pieces of whole rows, and ends early when the helper has failed already.
    @Test func aFailureInTheMiddleEndsTheTransaction() {
        let copies = Mutex(0)
        database.setFault { message in
            guard case .copy(.events, _) = message else { return nil }
            return copies.withLock { count in
                count += 1
                return count == 2 ? .fail(PostgresFailure(.unavailable, "disk full")) : nil
            }
        }
        let sink = Postgres.sink(database)
        let batches = Postgres.spooled(Lines.batches(20, of: 1000))
        let result = sink.write(batches, from: position(0)) { false }
        #expect(result.position == position(0) && result.problem == .failed(SinkFailure("disk full")))
        #expect(sink.write(batches, from: position(0)) { false }.problem == nil)
        #expect(numbers == Array(0..<20000))
        #expect(database.transactions.first.map { $0.copies.allSatisfy { $0.rows.count < 1 << 20 } } == true)
    }
}

/// What was logged.
final class Log: Sendable {
    private let texts = Mutex<[String]>([])
    private let level: Logger.Level

    /// What is below this level is left out.
    init(_ level: Logger.Level = .info) { self.level = level }

    var lines: [String] { texts.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = level
        return logger
    }

    private struct Handler: LogHandler {
        let log: Log
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { log.texts.withLock { $0.append("\(event.message)") } }
    }
}
