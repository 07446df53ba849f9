import Agent
import ArgumentParser
import Glibc

/// A point in time: so long ago, or RFC 3339 with as much of it as is needed, in UTC where no zone is given.
struct Moment: ExpressibleByArgument {
    /// ns since 1970
    let time: UInt64

    init?(argument: String) {
        if let ago = Seconds(argument: argument), argument.last?.isLetter ?? false {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            let time = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) - Int64(ago.value * 1e9)
            self.time = UInt64(max(0, time))
            return
        }
        guard let time = Self.parse(argument) else { return nil }
        self.time = time
    }

    private static func parse(_ text: String) -> UInt64? {
        let pattern =
            #/(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:\d\d)?/#
        guard let match = text.wholeMatch(of: pattern) else { return nil }
        let number = { (part: Substring?) in part.flatMap { Int($0) } ?? 0 }
        var date = tm()
        date.tm_year = Int32(number(match.1) - 1900)
        date.tm_mon = Int32(number(match.2) - 1)
        date.tm_mday = Int32(number(match.3))
        date.tm_hour = Int32(number(match.4))
        date.tm_min = Int32(number(match.5))
        date.tm_sec = Int32(number(match.6))
        let asked = date
        let seconds = timegm(&date)
        // What the calendar does not have is moved by timegm, and so is seen.
        guard date.tm_mon == asked.tm_mon, date.tm_mday == asked.tm_mday, date.tm_hour == asked.tm_hour,
            date.tm_min == asked.tm_min, date.tm_sec == asked.tm_sec, let offset = Self.offset(match.8)
        else { return nil }
        let fraction = match.7.map { $0 + String(repeating: "0", count: 9 - $0.count) }
        // ns since 1970 in 63 bits end in 2262
        guard (0...9_000_000_000).contains(seconds - offset) else { return nil }
        return UInt64(seconds - offset) * 1_000_000_000 + UInt64(number(fraction.map { Substring($0) }))
    }

    /// Seconds east of UTC.
    private static func offset(_ zone: Substring?) -> Int? {
        guard let zone, zone != "Z" else { return 0 }
        let parts = zone.dropFirst().split(separator: ":").compactMap { Int($0) }
        guard parts.count == 2, parts[0] < 24, parts[1] < 60 else { return nil }
        return (parts[0] * 3600 + parts[1] * 60) * (zone.first == "-" ? -1 : 1)
    }
}
