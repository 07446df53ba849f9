import Foundation
import Glibc
import PostgresLink
import Testing

extension Postgres {
    /// What comes over the socket that should not, and how the helper ends.
    @Suite struct Conversation {
        @Test func `It ends with the agent, and takes back what was not committed`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            try helper.send(.begin)
            try helper.send(.days([Rows.today]))
            try helper.send(.copy(.events, Rows.opens(1000)))
            #expect(helper.close() == 0)
            #expect(try database.count("martlet.events") == 0)
            #expect(try Helper().open(database.conninfo).position == 0)
        }

        @Test func `Signals that a terminal sends to all do not end it while the agent lives`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            for signal in [SIGINT, SIGTERM, SIGHUP] { kill(helper.pid, signal) }
            #expect(try helper.transact([(.events, Rows.opens(1))], to: 1).position == 1)
            #expect(helper.close() == 0)
        }

        @Test func `Another version is told both, and what to install`() throws {
            let helper = try Helper()
            var bytes = PostgresMessage.open(PostgresOpen()).bytes
            bytes[PostgresMessage.headerSize] = 99
            helper.send(bytes: bytes)
            let text = try helper.receive().failureText
            #expect(text.contains("99") && text.contains("\(PostgresMessage.version)"), "\(text)")
            #expect(text.contains("one version"))
            #expect(helper.wait() == 65)
        }

        @Test func `Garbage is refused, and ends it`() throws {
            var generator = SystemRandomNumberGenerator()
            for length in [5, 9, 100, 4096] {
                let helper = try Helper()
                // A length that is allowed, a type that there is not.
                var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
                bytes.replaceSubrange(0..<5, with: [UInt8(truncatingIfNeeded: length - 5), 0, 0, 0, 77])
                if length > 100 { bytes[3] = 0xff }
                helper.send(bytes: bytes + [0, 0, 0, 0])
                #expect(try helper.receive().reason == .unavailable)
                #expect(helper.wait() == 65)
            }
        }

        @Test func `A message out of turn is refused, and until the next open nothing is taken`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            try helper.send(.copy(.events, Rows.opens(1)))
            #expect(try helper.receive().reason == .unavailable)
            try helper.send(.begin)
            try helper.send(.copy(.events, Rows.opens(1)))
            try helper.send(.commit(PostgresPosition(frame: 1, events: 0)))
            #expect(try helper.open(database.conninfo).position == 0)
            #expect(try database.count("martlet.events") == 0)
        }

        @Test func `Without a socket it says who starts it, and exits with 64`() throws {
            let process = Process()
            process.executableURL = URL(filePath: try Products.helper())
            let errors = Pipe()
            process.standardError = errors
            try process.run()
            process.waitUntilExit()
            let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            #expect(process.terminationStatus == 64)
            #expect(text.contains("--sink postgres"), "\(text)")
        }
    }
}
