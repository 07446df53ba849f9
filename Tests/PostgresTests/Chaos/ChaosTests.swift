import Foundation
import Glibc
import Testing

extension Postgres {
    /// Servers, helpers and agents that are killed under load: each event is in the database once, or told as lost.
    @Suite(.serialized) struct Chaos {
        @Test func anAgentThatIsKilledAtRandomMomentsLosesWhatItTellsAndNoMore() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let sending = try Sending(database)
            let rounds = Sending.isSoak ? 50 : 6
            // Of one batch it is not known whether it was offered before the end came.
            var unknown = 0
            for _ in 0..<rounds {
                try sending.start(until: .max, rate: 20000)
                usleep(UInt32.random(in: 1000...900_000))
                sending.kill()
                let counters = sending.counters
                unknown += counters.begun - counters.done
            }
            try sending.start(until: 0, rate: 1)
            let said = try sending.finish()
            let account = try sending.account()
            let missing = sending.counters.begun - account.distinct
            #expect(account.rows == account.distinct, "\(account); \(said)")
            #expect(account.rows > 0)
            #expect(
                account.told <= missing && missing <= account.told + unknown,
                "\(account), \(missing) missing, \(unknown) unknown"
            )
        }

        @Test(.enabled(if: geteuid() == 0, "a small file system can be mounted by root alone"))
        func anAgentThatIsKilledWhileItsDiskIsFullTellsWhatWasInItsMemory() throws {
            let server = try PostgresServer()
            let sending = try Sending(try server.makeDatabase())
            try sending.limitSpool(256 << 10)
            try sending.start(until: 10000, rate: 50000)
            _ = try sending.finish()
            server.stop(SIGINT)
            try sending.start(until: .max, rate: 20000)
            #expect(eventually { sending.log.contains("events wait in memory until the spool can be written again") })
            usleep(300_000)
            sending.kill()
            let counters = sending.counters
            try server.start()
            try sending.start(until: 0, rate: 1)
            _ = try sending.finish()
            let account = try sending.account()
            let (missing, unknown) = (counters.begun - account.distinct, counters.begun - counters.done)
            #expect(account.rows == account.distinct && account.told > 0, "\(account)")
            #expect(account.told <= missing && missing <= account.told + unknown, "\(account), \(missing) missing")
        }

        @Test func aServerThatStopsUnderLoadCostsNothing() throws {
            let server = try PostgresServer()
            let sending = try Sending(try server.makeDatabase())
            try sending.start(until: Sending.isSoak ? 2_000_000 : 200_000, rate: Sending.isSoak ? 20000 : 50000)
            #expect(eventually { (try? sending.account().rows) ?? 0 > 1000 })
            server.stop(SIGINT)
            usleep(Sending.isSoak ? 60_000_000 : 3_000_000)
            try server.start()
            _ = try sending.finish(within: 300)
            let account = try sending.account()
            #expect(account.distinct == sending.counters.begun, "\(account)")
            #expect(account.rows == account.distinct && account.told == 0, "\(account)")
        }

        @Test func aServerThatIsKilledInTheMiddleOfCopiesGetsEachEventOnce() throws {
            let server = try PostgresServer()
            let sending = try Sending(try server.makeDatabase())
            try sending.start(until: Sending.isSoak ? 1_000_000 : 150_000, rate: 30000)
            for _ in 0..<(Sending.isSoak ? 20 : 3) {
                usleep(UInt32.random(in: 200_000...900_000))
                server.stop(SIGKILL)
                try server.start()
            }
            _ = try sending.finish(within: 300)
            let account = try sending.account()
            #expect(account.distinct == sending.counters.begun, "\(account)")
            #expect(account.rows == account.distinct && account.told == 0, "\(account)")
        }

        @Test func aHelperThatIsKilledIsStartedAgainAndNothingIsMissing() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let sending = try Sending(database)
            try sending.start(until: Sending.isSoak ? 1_000_000 : 100_000, rate: 30000)
            var killed = 0
            while killed < (Sending.isSoak ? 30 : 4), sending.isRunning {
                usleep(UInt32.random(in: 100_000...600_000))
                if sending.killHelper() { killed += 1 }
            }
            #expect(killed >= 3)
            _ = try sending.finish(within: 300)
            let account = try sending.account()
            #expect(account.distinct == sending.counters.begun, "\(account)")
            #expect(account.rows == account.distinct && account.told == 0, "\(account)")
        }

        @Test func allAtOnce() throws {
            let server = try PostgresServer()
            let sending = try Sending(try server.makeDatabase())
            var unknown = 0
            for _ in 0..<(Sending.isSoak ? 40 : 4) {
                if !sending.isRunning { try sending.start(until: .max, rate: 20000) }
                usleep(UInt32.random(in: 50_000...700_000))
                switch Int.random(in: 0..<4) {
                case 0: sending.killHelper()
                case 1:
                    server.stop(Bool.random() ? SIGKILL : SIGINT)
                    usleep(UInt32.random(in: 0...500_000))
                    try server.start()
                default:
                    sending.kill()
                    unknown += sending.counters.begun - sending.counters.done
                }
            }
            sending.kill()
            unknown += sending.counters.begun - sending.counters.done
            try sending.start(until: 0, rate: 1)
            _ = try sending.finish(within: 300)
            let account = try sending.account()
            let missing = sending.counters.begun - account.distinct
            #expect(account.rows == account.distinct, "\(account)")
            #expect(
                account.told <= missing && missing <= account.told + unknown,
                "\(account), \(missing) missing, \(unknown) unknown"
            )
        }

        @Test func aTableThatIsLockedIsWaitedFor() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let sending = try Sending(database)
            try sending.start(until: 60_000, rate: 30000)
            #expect(eventually { (try? sending.account().rows) ?? 0 > 1000 })
            try database.query("BEGIN; LOCK TABLE martlet.events IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3); COMMIT")
            _ = try sending.finish(within: 120)
            let account = try sending.account()
            #expect(account.rows == sending.counters.begun && account.told == 0, "\(account)")
        }
    }
}
