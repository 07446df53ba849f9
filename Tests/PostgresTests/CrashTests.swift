import Foundation
import Glibc
import PostgresLink
import Testing

extension Postgres {
    /// What is killed in the middle leaves whole transactions.
    @Suite struct Crashes {
        /// Opens, for as long as the server needs to come back.
        private static func reopen(_ helper: Helper, _ conninfo: String) throws -> UInt64? {
            var position: UInt64?
            _ = try eventually {
                position = try helper.open(conninfo).position
                return position != nil
            }
            return position
        }

        @Test func `A server that dies in mid-COPY tells the truth when it is back`() throws {
            let server = try PostgresServer()
            let database = try server.makeDatabase()
            let helper = try Helper()
            #expect(try helper.open(database.conninfo).position == 0)
            var position: UInt64 = 0
            for round in 0..<4 {
                #expect(try helper.transact([(.events, Rows.opens(100))], to: position + 1).position == position + 1)
                position += 1
                try helper.send(.begin)
                try helper.send(.days([Rows.today]))
                for _ in 0..<20 { try helper.send(.copy(.events, Rows.opens(1000))) }
                switch round {
                case 0:
                    // One session that is killed takes all of them, as what they share may be damaged.
                    let backend = try #require(try server.backend(database))
                    kill(backend, SIGKILL)
                case 1:
                    server.stop(SIGKILL)
                    usleep(200_000)
                    try server.start()
                default:
                    server.stop(SIGQUIT)
                    try server.start()
                }
                try helper.send(.commit(PostgresPosition(frame: position + 1, events: 0)))
                #expect(try helper.receive().reason == .unavailable)
                #expect(try Self.reopen(helper, database.conninfo) == position)
                #expect(try database.count("martlet.events") == 100 * Int(position))
            }
        }

        @Test func `What became of a commit that nobody answered is told by the position`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            var position: UInt64 = 0
            var outcomes: Set<UInt64> = []
            for round in 0..<12 {
                let helper = try Helper()
                #expect(try helper.open(database.conninfo).position == position)
                try helper.send(.begin)
                try helper.send(.days([Rows.today]))
                try helper.send(.copy(.events, Rows.opens(500)))
                try helper.send(.commit(PostgresPosition(frame: position + 1, events: 0)))
                usleep(UInt32(round * round * 400))
                helper.kill()
                let found = try #require(try Helper().open(database.conninfo).position)
                outcomes.insert(found - position)
                position = found
                #expect(try database.count("martlet.events") == 500 * Int(position))
            }
            #expect(outcomes.isSubset(of: [0, 1]))
        }

        @Test func `A server that is restarted in order between transactions costs one of them`() throws {
            let server = try PostgresServer()
            let database = try server.makeDatabase()
            let helper = try Helper()
            #expect(try helper.open(database.conninfo).position == 0)
            #expect(try helper.transact([(.events, Rows.opens(10))], to: 1).position == 1)
            server.stop(SIGINT)
            #expect(try helper.transact([(.events, Rows.opens(10))], to: 2).reason == .unavailable)
            #expect(try helper.open(database.conninfo).reason == .unavailable)
            try server.start()
            #expect(try Self.reopen(helper, database.conninfo) == 1)
            #expect(try helper.transact([(.events, Rows.opens(10))], to: 2).position == 2)
            #expect(try database.count("martlet.events") == 20)
        }
    }
}
