/// Times as PostgreSQL keeps them.
enum PostgresTime {
    private static let nanosecondsPerDay: UInt64 = 86_400_000_000_000
    /// From 1970 to 2000.
    private static let daysToEpoch: Int32 = 10_957
    private static let microsecondsToEpoch: Int64 = 946_684_800_000_000

    /// The day (since 1970, UTC) of a time in ns since 1970.
    static func day(_ time: UInt64) -> Int32 { Int32(time / nanosecondsPerDay) }

    /// That day as a date.
    static func date(_ day: Int32) -> Int32 { day - daysToEpoch }

    /// A timestamptz: µs since 2000.
    static func timestamp(_ time: UInt64) -> Int64 { Int64(time / 1000) - microsecondsToEpoch }
}
