import Foundation
import PostgresLink
import Testing

extension Postgres {
    /// Where rows of a day are, and for how long.
    @Suite struct Partitions {
        private static let tables = """
            SELECT string_agg(right(c.relname, 8), ' ' ORDER BY c.relname) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'martlet.events'::regclass AND c.relname ~ '[0-9]$'
            """

        @Test func `Days of wrong clocks make no partitions, and are there all the same`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            let days: [Int32] = [Rows.today, 0, -3000, Rows.today - 3, Rows.today + 2, Rows.today + 3, 80000]
            let copies = days.map { (PostgresRelation.events, Rows.opens(10, day: $0)) }
            #expect(try helper.transact(copies, days: days, to: 1).position == 1)
            #expect(try database.count("martlet.events") == 70)
            #expect(try database.count("martlet.events_default") == 40)
            // Today, three days ago, in two days; and tomorrow, which is made before.
            let made = try database.query(Self.tables).split(separator: " ").count
            #expect(made == 4)
        }

        @Test func `Rows that came before their day move into its partition when it comes`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            // Told no day, rows go where they can.
            let early = [(PostgresRelation.events, Rows.opens(10, day: Rows.today + 2))]
            #expect(try helper.transact(early, days: [], to: 1).position == 1)
            #expect(try database.count("martlet.events_default") == 10)
            #expect(try helper.transact(early, days: [Rows.today + 2], to: 2).position == 2)
            #expect(try database.count("martlet.events_default") == 0)
            #expect(try database.count("martlet.events") == 20)
        }

        @Test func `A partition has the indexes of its table`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            #expect(try helper.transact([(.events, Rows.opens(1))], to: 1).position == 1)
            let count = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'martlet' AND tablename = "
            let name = try #require(try database.query(Self.tables).split(separator: " ").first)
            #expect(try database.query("\(count)'events_\(name)'") == database.query("\(count)'events'"))
        }

        @Test func `Days that are too old are dropped, whoever reads meanwhile`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            let days = (0..<10).map { Rows.today - Int32($0) } + [0]
            let copies = days.map { (PostgresRelation.events, Rows.opens(1, day: $0)) }
            #expect(try helper.transact(copies, days: days, to: 1).position == 1)
            #expect(helper.close() == 0)

            let reader = try Locker(database, "martlet.events", "ACCESS SHARE")
            let blocked = try Helper()
            #expect(try blocked.open(database.conninfo, retentionDays: 3).position == 1)
            #expect(try blocked.transact([(.events, Rows.opens(1))], to: 2).position == 2)
            #expect(blocked.notices.contains { $0.contains("cannot drop days") }, "\(blocked.notices)")
            #expect(try database.count("martlet.events") == 12)
            #expect(blocked.close() == 0)
            reader.end()

            let free = try Helper()
            #expect(try free.open(database.conninfo, retentionDays: 3).position == 2)
            #expect(try free.transact([(.events, Rows.opens(1))], to: 3).position == 3)
            // Today twice more, yesterday, the day before, and what a wrong clock brought.
            #expect(try database.count("martlet.events") == 6)
            #expect(try database.count("martlet.events_default") == 1)
            let oldest = Rows.today - 3
            #expect(try free.transact([(.events, Rows.opens(1, day: oldest))], days: [oldest], to: 4).position == 4)
            #expect(try database.count("martlet.events_default") == 2)
        }

        @Test func `A server's clock that is ahead drops nothing that no later event came after`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            // For the server, the last event is of 40 days ago; later partitions are there, and nothing in them.
            let days = (0..<5).map { Rows.today - 40 - Int32($0) }
            let copies = days.map { (PostgresRelation.events, Rows.opens(1, day: $0)) }
            #expect(try helper.transact(copies, days: days + [Rows.today - 1], to: 1).position == 1)
            #expect(helper.close() == 0)
            let other = try Helper()
            #expect(try other.open(database.conninfo, retentionDays: 3).position == 1)
            #expect(other.close() == 0)
            #expect(other.notices.isEmpty, "\(other.notices)")
            #expect(try database.count("martlet.events") == 3)

            // An event of now tells that the clock is right.
            let last = try Helper()
            #expect(try last.open(database.conninfo).position == 1)
            #expect(try last.transact([(.events, Rows.opens(1))], to: 2).position == 2)
            #expect(try last.open(database.conninfo, retentionDays: 3).position == 2)
            #expect(last.close() == 0)
            #expect(try database.count("martlet.events") == 1)
        }

        @Test func `An agent's clock that is ahead does not make others' days old`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            let days = [Rows.today - 2, Rows.today + 2, Rows.today + 400]
            let copies = days.map { (PostgresRelation.events, Rows.opens(1, day: $0)) }
            #expect(try helper.transact(copies, days: days, to: 1).position == 1)
            #expect(try helper.open(database.conninfo, retentionDays: 3).position == 1)
            #expect(helper.close() == 0)
            #expect(try database.count("martlet.events") == 3)
        }
    }
}
