import Glibc

/// What is measured around a pass.
enum Meter {
    /// CPU time of this thread, ns.
    static func threadTime() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }
    /// Time of the clock on the wall, ns.
    static func wallTime() -> UInt64 { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// How many allocations there have been; nil when `Benchmarks/mallocs` is not there to count them.
    static func allocations() -> UInt64? { count.map { $0() } }

    private static let count: (@convention(c) () -> UInt64)? = {
        guard let symbol = dlsym(nil, "mallocs_count") else { return nil }
        return unsafeBitCast(symbol, to: (@convention(c) () -> UInt64).self)
    }()
}
