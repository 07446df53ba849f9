import Glibc

/// The clock of all records, and the wall clock beside it.
package enum BootClock {
    /// CLOCK_BOOTTIME in ns: goes on while the machine sleeps, and never back.
    package static func now() -> UInt64 { read(CLOCK_BOOTTIME) &- namespaceOffset }

    /// What a time namespace adds to the clock that programs see; the kernel's records know nothing of it.
    private static let namespaceOffset: UInt64 = {
        guard let file = fopen("/proc/self/timens_offsets", "re") else { return 0 }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        while getline(&line, &room, file) > 0, let line {
            let words = String(cString: line).split(whereSeparator: \.isWhitespace)
            if words.count == 3, words[0] == "boottime", let seconds = Int64(words[1]), let rest = Int64(words[2]) {
                return UInt64(bitPattern: seconds &* 1_000_000_000 &+ rest)
            }
        }
        return 0
    }()

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
