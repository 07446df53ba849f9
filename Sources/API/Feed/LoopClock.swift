import Glibc

/// What one client costs the loop that serves all: too much of it takes the others' time.
struct LoopClock {
    private static let window: UInt64 = 1_000_000_000
    /// Of each window; encoding 100,000 events takes a tenth.
    private static let limit: UInt64 = 500_000_000

    private var begun: UInt64 = 0
    private var spent: UInt64 = 0

    /// A moment: as time goes by, and as this thread was at work.
    static func now() -> (wall: UInt64, work: UInt64) { (read(CLOCK_MONOTONIC), read(CLOCK_THREAD_CPUTIME_ID)) }

    /// Adds what was done between two moments; true when it is too much.
    mutating func exceeds(from: (wall: UInt64, work: UInt64), to: (wall: UInt64, work: UInt64)) -> Bool {
        if to.wall - begun > Self.window { (begun, spent) = (from.wall, 0) }
        spent += to.work - from.work
        return spent > Self.limit
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
