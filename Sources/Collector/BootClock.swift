import Glibc

/// The clock of all records, and the wall clock beside it.
package enum BootClock {
    /// CLOCK_BOOTTIME in ns: goes on while the machine sleeps, and never back.
    package static func now() -> UInt64 { read(CLOCK_BOOTTIME) }

    /// What to add to the boot clock for ns since 1970, as of now.
    package static func wallOffset() -> UInt64 {
        // The boot clock is read on both sides, so that a preemption between the two shows as half of itself at most.
        let before = now()
        let wall = read(CLOCK_REALTIME)
        return wall &- (before &+ (now() &- before) / 2)
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
