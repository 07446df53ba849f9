import Glibc
import PostgresLink

/// What is done for the tables between transactions, at most once an hour.
///
/// No rows wait for it: it gives way to who reads, is tried again, and what goes wrong is a line for the log.
struct Upkeep {
    private static let interval = 3600
    /// Seconds of the clock that goes on while the machine sleeps.
    private var next = 0

    /// Makes tomorrow's partitions, drops those that are too old, and forgets streams that ended long ago.
    mutating func run(
        _ server: borrowing ServerConnection,
        _ tables: Tables,
        _ partitions: inout DayPartitions?,
        _ notices: inout [String]
    ) {
        let now = Self.now()
        guard now >= next else { return }
        next = now + Self.interval
        do throws(ServerError) {
            let patience = try server.value("SHOW lock_timeout") ?? "0"
            try server.run("SET lock_timeout = '1s'")
            if partitions != nil {
                Self.note("cannot make a partition for tomorrow", &notices) { () throws(ServerError) in
                    try partitions?.prepareTomorrow(server)
                }
                Self.note("cannot drop days that are too old", &notices) { () throws(ServerError) in
                    try partitions?.dropOld(server)
                }
            }
            Self.note("cannot delete streams that ended long ago", &notices) { () throws(ServerError) in
                try StreamPosition.deleteOld(server, tables.streams)
            }
            try server.run("SET lock_timeout = '\(patience)'")
        } catch {
            notices.append("cannot look after the tables: \(error.message)")
        }
    }

    private static func note(_ task: String, _ notices: inout [String], _ body: () throws(ServerError) -> Void) {
        do throws(ServerError) { try body() } catch {
            notices.append(Refusal(task, error).failure.text + "; it is tried again in an hour")
        }
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return time.tv_sec
    }
}
