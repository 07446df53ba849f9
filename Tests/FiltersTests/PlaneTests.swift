import CWire
import Filters
import Probes
import Testing

/// What lies in the maps of one plane.
@Suite struct PlaneTests {
    private func design(_ tests: [Condition.Test]) throws -> HookDesign {
        let rows = tests.map { Requests.row(Condition(.value(0, .whole), $0)) }
        return try Requests.design([Requests.policy("p", [Requests.text(0)], rows)])
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Rows by the key's bits.
    private func rows(_ design: HookDesign, _ kind: HookImage.Table.Kind) -> [(bits: Int, rows: UInt64)] {
        (design.image.tables.first { $0.kind == kind }?.entries ?? []).map { entry in
            (entry.key.withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) }, entry.rows[0])
        }.sorted { $0.bits < $1.bits }
    }

    @Test func `A longer prefix has the rows of those that it begins with`() throws {
        let design = try design([
            .prefixes([bytes("/")]), .prefixes([bytes("/etc/")]), .prefixes([bytes("/etc/ssh/"), bytes("/var/")]),
        ])
        let found = rows(design, .affixes)
        #expect(found.map(\.bits) == [8, 40, 40, 72])
        #expect(found.map(\.rows).sorted() == [0b001, 0b011, 0b101, 0b111])
    }

    @Test func `Ends are turned round`() throws {
        let design = try design([.postfixes([bytes(".so")]), .postfixes([bytes("x.so")]), .postfixes([bytes("so")])])
        #expect(rows(design, .affixes).map(\.rows) == [0b100, 0b101, 0b111])
        #expect(design.image.tables[0].entries.allSatisfy { $0.key[4..<6].elementsEqual(bytes("os")) })
    }

    @Test func `Networks with odd bit counts`() throws {
        func network(_ bytes: [UInt8], _ length: Int) -> Condition.Test {
            .addresses([Condition.Prefix(bytes: bytes, length: length)])
        }
        let tests = [
            network([10, 0, 0, 0], 7), network([10, 128, 0, 0], 9), network([10, 128, 0, 0], 32),
            network([11, 0, 0, 0], 8), network([0, 0, 0, 0], 0),
        ]
        let rows = tests.map { Requests.row(Condition(.value(0, .destinationAddress), $0)) }
        let sock = Reading(.argument(0), read: MT_READ_SOCK, value: MT_VALUE_SOCK)
        let design = try Requests.design([Requests.policy("p", [sock], rows)])
        let engine = ImageEngine(design)
        let source = UInt16(MT_ASPECT_DADDR.rawValue)
        #expect(engine.rows([source: .address([10, 128, 0, 0])]) == [0, 1, 2, 4])
        #expect(engine.rows([source: .address([10, 255, 1, 2])]) == [0, 1, 4])
        #expect(engine.rows([source: .address([10, 127, 1, 2])]) == [0, 4])
        #expect(engine.rows([source: .address([11, 1, 1, 2])]) == [0, 3, 4])
        #expect(engine.rows([source: .address([12, 1, 1, 2])]) == [4])
        #expect(engine.rows([source: .address([UInt8](repeating: 0, count: 16))]).isEmpty)
        #expect(design.shape.planes[0].maps == 1)
    }

    @Test(
        arguments: zip(
            [0, 24, 25, 56, 57, 120, 121, 248, 249, 504, 505, 1016, 1017, 4095, 4096],
            [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6]
        )
    )
    func `Whole texts lie in maps by their length`(_ length: Int, _ size: Int) throws {
        let text = [UInt8](repeating: 120, count: length)
        let design = try design([.texts([text])])
        let table = try #require(design.image.tables.first)
        #expect(table.kind == .texts(size) && design.shape.planes[0].maps == 1 << UInt16(size))
        #expect(table.entries[0].key.count == 8 + HookImage.Table.Kind.textCapacities[size])
        #expect(ImageEngine(design).rows([0: .text(text)]) == [0])
        #expect(ImageEngine(design).rows([0: .text(text + [120])]).isEmpty)
        #expect(ImageEngine(design).rows([0: .text(text + [0])]).isEmpty)
    }
}
