import Foundation
import PostgresLink
import Testing

extension Postgres {
    /// Values that columns and indexes may not take as they come.
    @Suite struct Values {
        @Test func `IPv6, user ids above 2^31, quotes and line ends arrive as they were sent`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            let path = "/tmp/a'b\"c\nd\te\\f\u{1F426}"
            var rows = Rows()
            rows.addEvent(
                1,
                path: path,
                uid: 4_294_967_295,
                source: [0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
            )
            rows.addEvent(2, path: nil, source: [192, 0, 2, 1])
            #expect(try helper.transact([(.events, rows.bytes)], to: 1).position == 1)
            #expect(
                try database.query("SELECT path, uid, src_addr FROM martlet.events WHERE sequence = 1")
                    == "\(path)|4294967295|2001:db8::1"
            )
            #expect(
                try database.query("SELECT path IS NULL, src_addr, src_port FROM martlet.events WHERE sequence = 2")
                    == "t|192.0.2.1|40000"
            )
        }

        @Test func `A path that is longer than an index can hold keeps nothing out`() throws {
            let database = try PostgresServer.shared.get().makeDatabase()
            let helper = try Helper()
            _ = try helper.open(database.conninfo)
            // Random, and four bytes each: nothing to compress.
            let path =
                "/"
                + String(
                    String.UnicodeScalarView(
                        (0..<1000).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0x20000...0x2a000)) }
                    )
                )
            var rows = Rows()
            rows.addEvent(1, path: path, program: path)
            var execution = Rows()
            execution.addExecution("e")
            #expect(try helper.transact([(.executions, execution.bytes), (.events, rows.bytes)], to: 1).position == 1)
            #expect(try database.query("SELECT path FROM martlet.events") == path)
            #expect(try database.query("SELECT count(*) FROM martlet.files WHERE path = left('\(path)', 600)") == "1")
        }
    }
}
