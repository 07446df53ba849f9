import Glibc
import Logging
import Synchronization

/// Tells of refused calls, at most once a minute for each caller: a flood must not hide what else is logged.
final class RefusalLog: Sendable {
    private struct Entry {
        var told: Int
        var untold = 0
    }

    private let logger: Logger
    private let entries = Mutex<[String: Entry]>([:])
    private static let pause = 60
    private static let limit = 1000

    init(_ logger: Logger) { self.logger = logger }

    /// - Parameter who: without what differs from call to call.
    func note(_ who: String, _ method: String) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let untold = entries.withLock { entries -> Int? in
            if entries.count > Self.limit { entries = [:] }
            if let entry = entries[who], time.tv_sec - entry.told < Self.pause {
                entries[who]?.untold += 1
                return nil
            }
            return entries.updateValue(Entry(told: time.tv_sec), forKey: who)?.untold ?? 0
        }
        guard let untold else { return }
        logger.warning("\(who) may not call \(method)\(untold > 0 ? "; nor \(untold) times before" : "")")
    }
}
