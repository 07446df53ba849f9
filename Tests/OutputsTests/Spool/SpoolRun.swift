import Collector
import Fixtures
import Foundation
import Glibc
import Logging
import Model
import Outputs
import Synchronization

/// A sink that keeps the numbers of the opens that it gets, notes how far it is, and fails when it is told to.
final class NumberSink: PositionedSink {
    struct State {
        var numbers: [Int] = []
        /// What loss events told, by kind and reason.
        var losses: [String: UInt64] = [:]
        var position: SpoolPosition?
        var isDown = false
        var attempts = 0
        /// The number of an open that is refused.
        var refused: Int?
        /// So many events are taken, then it is down.
        var left = Int.max
    }

    let state = Mutex(State())

    var numbers: [Int] { state.withLock(\.numbers) }
    var losses: [String: UInt64] { state.withLock(\.losses) }
    var attempts: Int { state.withLock(\.attempts) }

    func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

    func write(
        _ batches: [SpooledBatch],
        from position: SpoolPosition,
        isUrgent: () -> Bool
    ) -> PositionedResult {
        state.withLock { state in
            state.attempts += 1
            // As a database does that was further than the spool knew.
            var position = max(position, state.position ?? position)
            guard !state.isDown else { return PositionedResult(position, .failed(SinkFailure("numbers: down"))) }
            for spooled in batches where spooled.frame >= position.frame {
                let begin = spooled.frame == position.frame ? position.events : 0
                for index in begin..<spooled.batch.events.count {
                    position = SpoolPosition(frame: spooled.frame, events: index)
                    state.position = position
                    guard state.left > 0 else {
                        return PositionedResult(position, .failed(SinkFailure("numbers: full")))
                    }
                    let event = spooled.batch.events[index]
                    let record = spooled.batch.record(event)
                    if event.kind == .loss {
                        let loss = record.loss.pointee
                        let reason = DropReason(rawValue: Int(loss.reason)).map { "\($0.name)" } ?? "?"
                        let kind = EventKind(rawValue: UInt16(loss.kind)).map { "\($0.name)" } ?? "?"
                        state.losses["\(kind) \(reason)", default: 0] += loss.count
                    } else if event.kind == .open {
                        let number = Self.number(record)
                        guard number != state.refused else {
                            return PositionedResult(position, .refused(SinkFailure("numbers: not this one")))
                        }
                        state.numbers.append(number)
                    }
                    state.left -= 1
                }
                position = SpoolPosition(frame: spooled.frame + 1, events: 0)
                state.position = position
            }
            return PositionedResult(position)
        }
    }

    func finish(isUrgent: () -> Bool) {}

    static func number(_ record: Record) -> Int {
        record.string(record.open.pointee.name).flatMap { Int(String(decoding: $0.dropFirst(), as: UTF8.self)) } ?? -1
    }
}

/// Does what a database does: keeps the position of each stream with the numbers, and leaves out what is before it.
final class Positions: PositionedSink {
    private let state = Mutex((numbers: [Int](), positions: [[UInt8]: SpoolPosition]()))

    var numbers: [Int] { state.withLock { $0.numbers } }

    func write(
        _ batches: [SpooledBatch],
        from position: SpoolPosition,
        isUrgent: () -> Bool
    ) -> PositionedResult {
        state.withLock { state in
            var position = position
            for spooled in batches {
                let end = SpoolPosition(frame: spooled.frame + 1, events: 0)
                if (state.positions[spooled.origin.stream] ?? SpoolPosition(frame: 0, events: 0)) < end {
                    let begin = spooled.frame == position.frame ? position.events : 0
                    for index in begin..<spooled.batch.events.count where spooled.batch.events[index].kind == .open {
                        state.numbers.append(NumberSink.number(spooled.batch.record(spooled.batch.events[index])))
                    }
                    state.positions[spooled.origin.stream] = end
                }
                position = end
            }
            return PositionedResult(position)
        }
    }

    func finish(isUrgent: () -> Bool) {}
}

/// A spool in a folder of its own, and what is started on it one after the other.
struct TestSpool {
    let folder: TemporaryFolder
    var settings = SpoolSettings()

    init(size: Int = 1 << 24, memory: Int = 1 << 20) throws {
        folder = try TemporaryFolder()
        settings.folder = folder.path("spool")
        settings.size = size
        settings.memory = memory
    }

    func open() throws(SinkFailure) -> Spool {
        let origin = StreamOrigin(node: "node-1", boot: Array(0..<16), start: 1)
        return try Spool(name: "numbers", settings, origin: origin, logger: Lines.quiet)
    }

    func output(_ sink: any PositionedSink, retries: RetryPolicy = .quick, waits: Bool = true) throws -> SpooledOutput {
        SpooledOutput(try open(), sink, waits: waits, retries: retries, logger: Lines.quiet)
    }

    /// The files with events in them, oldest first.
    var segments: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: settings.folder + "/numbers")) ?? []
        return names.filter { $0.hasSuffix(".segment") }.sorted().map { settings.folder + "/numbers/" + $0 }
    }
}

extension RetryPolicy {
    /// Tests do not wait.
    static var quick: RetryPolicy {
        var policy = RetryPolicy()
        policy.first = 0.005
        policy.longest = 0.01
        return policy
    }
}

/// Waits until something holds, for ten seconds at most.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<2000 {
        if condition() { return true }
        usleep(5000)
    }
    return false
}
