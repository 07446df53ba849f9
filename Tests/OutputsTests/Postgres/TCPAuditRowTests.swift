import CWire
import Fixtures
import Foundation
import Model
import PostgresLink
import Testing

/// Connections as rows of tcp-audit's tables.
@Suite struct TCPAuditRowTests {
    private let who = Who(41, start: 5000)
    private let clock = Records.clock(wall: 1_764_000_000_123_456_999, at: 0)

    @Test func aChangeOfStateIsARowInEachTable() throws {
        let database = FakeDatabase()
        let records = [clock, Records.tcp(owner: who, onCPU: who, at: 0)]
        let batch = Postgres.spooled([Pipeline().batch(records)])
        let sink = Postgres.sink(database, .tcpAudit)
        #expect(sink.write(batch, from: .init(frame: 0, events: 0)) { false }.problem == nil)
        let transaction = try #require(database.transactions.first)
        #expect(transaction.copies.map(\.relation) == [.tcpEvents, .tcpEventsSocketInfo])
        let (event, socket) = (transaction.rows(.tcpEvents)[0], transaction.rows(.tcpEventsSocketInfo)[0])
        let id = try #require(event.text("uid"))
        #expect(
            UUID(uuidString: id) != nil && id.wholeMatch(of: /[0-9a-f-]{14}4[0-9a-f]{3}-[89ab][0-9a-f-]{16}/) != nil
        )
        #expect(
            event.description
                == "\(id) | 2025-11-24T16:00:00.123456 | 41 | curl | 10.0.0.1 | 10.0.0.2 | 40000 | 443 | SYN-SENT | ESTABLISHED"
        )
        let own = try #require(socket.text("uid"))
        #expect(UUID(uuidString: own) != nil && own != id)
        #expect(socket.description == "\(own) | \(id) | ffff888012345678 | 31337 | 1000 | 100 | CONNECTING")
    }

    @Test func whatTcpAuditDoesNotKnowIsNotThereAndDelivered() {
        let database = FakeDatabase()
        let batch = Postgres.spooled([Pipeline().batch(Records.ofEachKind())], from: 5)
        let result = Postgres.sink(database, .tcpAudit).write(batch, from: .init(frame: 5, events: 0)) { false }
        #expect(result.problem == nil && result.position == .init(frame: 6, events: 0))
        #expect(database.rows(.tcpEvents).count == 1)
        #expect(database.position == PostgresPosition(frame: 6, events: 0))
    }

    @Test func aSocketThatNoFileStandsForHasNoRow() {
        let records = [Records.tcp(owner: nil, onCPU: who, at: 1) { $0.body.marks = 0 }]
        #expect(Postgres.rows(records, .tcpEvents).count == 1)
        #expect(Postgres.rows(records, .tcpEventsSocketInfo).isEmpty)
    }

    @Test(arguments: [false, true]) func numbersThatATableCannotHoldAreNULL(narrow: Bool) throws {
        let records = [
            Records.tcp(owner: nil, onCPU: who, at: 1) {
                $0.body.inode = 1 << 31
                $0.body.uid = .max
                $0.body.gid = UInt32(Int32.max)
            }
        ]
        let row = try #require(Postgres.rows(records, .tcpEventsSocketInfo, narrow: narrow).first)
        #expect(row.text("inode") == (narrow ? nil : "2147483648"))
        #expect(row.text("user_id") == (narrow ? nil : "4294967295"))
        #expect(row.text("group_id") == "2147483647")
    }

    @Test func ipv6IsThere() throws {
        let records = [
            Records.tcp(owner: nil, onCPU: who, at: 1) { record in
                record.body.family = 10
                withUnsafeMutableBytes(of: &record.body.saddr) {
                    $0[0] = 0xfe; $0[1] = 0x80; $0[15] = 1
                }
                _ = withUnsafeMutableBytes(of: &record.body.daddr) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
            }
        ]
        let row = try #require(Postgres.rows(records, .tcpEvents).first)
        #expect(row.text("src_ip")?.hasPrefix("fe80:") == true && row.text("dst_ip") == "::")
    }

    @Test(arguments: [
        (Array("a\tb\nc\\d\r".utf8), "a\tb\nc\\d\r"), (Array(#"\N"#.utf8), #"\N"#), (Array(#"\."#.utf8), #"\."#),
        ([0x41, 0xff, 0x09], #"A\xff"# + "\t"), (Array("'; --\"".utf8), "'; --\""),
    ])
    func hostileNamesGoThrough(bytes: [UInt8], expected: String) throws {
        let records = [
            Records.tcp(owner: nil, onCPU: who, at: 1) { record in
                withUnsafeMutableBytes(of: &record.body.cpu_comm) {
                    $0.initializeMemory(as: UInt8.self, repeating: 0)
                    $0.copyBytes(from: bytes)
                }
            }
        ]
        #expect(try #require(Postgres.rows(records, .tcpEvents).first).text("comm_on_cpu") == expected)
    }

    @Test func identifiersDiffer() {
        let records = (0..<2000).map { Records.tcp(owner: nil, onCPU: who, at: $0) }
        #expect(Set(Postgres.rows(records, .tcpEvents).compactMap { $0.text("uid") }).count == 2000)
    }
}
