import CWire
import Filters
import Model
import Probes
import Testing

/// One program from what several policies want of a hook.
@Suite struct DesignTests {
    private func equals(_ reading: Int, _ numbers: Set<UInt64>) -> Condition {
        Condition(.value(reading, .whole), .numbers(numbers))
    }

    @Test func `What several policies read is read once`() throws {
        let (a, b, c) = (Requests.number(0), Requests.text(1), Requests.number(2))
        let design = try Requests.design([
            Requests.policy("one", [a, b], [Requests.row(equals(0, [1]))]),
            Requests.policy("two", [c, a], [Requests.row(equals(1, [2])), Requests.row(equals(0, [3]))]),
        ])
        #expect(design.shape.readings.count == 3)
        // The same condition on the same value is one lookup, wherever it stands in its policy.
        #expect(design.shape.planes.map(\.source) == [0, 2 * 8])
        #expect(design.image.rows.map(\.row.next) == [1, 3, 3])
        let engine = ImageEngine(design)
        #expect(engine.rows([0: .number(1)]) == [0])
        #expect(engine.rows([0: .number(2), 16: .number(3)]) == [1, 2])
    }

    @Test func `A row's second condition of a kind has a plane of its own, which others share`() throws {
        let value = Condition.Source.value(0, .whole)
        func not(_ end: String) -> Condition {
            Condition(value, .postfixes([Array(end.utf8)]), isNegated: true)
        }
        let design = try Requests.design([
            Requests.policy("one", [Requests.text(0)], [Requests.row(not(".a"), not(".b"))]),
            Requests.policy("two", [Requests.text(0)], [Requests.row(not(".c"), not(".d")), Requests.row(not(".e"))]),
        ])
        #expect(design.shape.planes.count == 2)
        func rows(_ text: String) -> [Int] { ImageEngine(design).rows([0: .text(Array(text.utf8))]) }
        #expect(rows("x.a") == [1, 2] && rows("x.b") == [1, 2])
        #expect(rows("x.d") == [0, 2] && rows("x.e") == [0, 1] && rows("x") == [0, 1, 2])
    }

    @Test(arguments: zip([1, 64, 65, 128, 129, 1000, 1024], [1, 1, 2, 2, 4, 16, 16]))
    func `Rows lie in words of 64, a power of two of them`(_ count: Int, _ words: Int) throws {
        let rows = (0..<count).map { Requests.row(equals(0, [UInt64($0)])) }
        let design = try Requests.design([Requests.policy("p", [Requests.number(0)], rows)])
        #expect(design.shape.words == words)
        #expect(design.image.words.count == 4 * words)
        #expect(design.image.words[..<words].reduce(0) { $0 + $1.nonzeroBitCount } == count)
        #expect(ImageEngine(design).rows([0: .number(UInt64(count - 1))]) == [count - 1])
    }

    @Test func `Rows that wait for the return are told from those that do not`() throws {
        func policy(_ name: String, waits: Bool, _ rows: Int) -> HookRequest {
            HookRequest(
                Requests.point,
                kind: .kprobe,
                policy: name,
                waitsForReturn: waits,
                readings: [Requests.number(0)],
                rows: (0..<rows).map { Requests.row(equals(0, [UInt64($0)])) }
            )
        }
        let mixed = try Requests.design([policy("a", waits: false, 3), policy("b", waits: true, 2)])
        #expect(mixed.shape.waitsForReturn && mixed.shape.isMixed && mixed.image.words[1] == 0b11000)
        let alone = try Requests.design([policy("b", waits: true, 2)])
        #expect(alone.shape.waitsForReturn && !alone.shape.isMixed && alone.image.words[1] == 0b11)
    }

    @Test func `A condition that nothing fulfils has a map all the same`() throws {
        let value = Condition.Source.value(0, .whole)
        let tests: [(Condition.Test, HookImage.Table.Kind)] = [
            (.numbers([]), .numbers), (.ranges([], isSigned: false), .ranges), (.bits(0), .bits),
            (.prefixes([]), .affixes), (.postfixes([]), .affixes), (.substrings([], ignoresCase: false), .substrings),
        ]
        for (test, kind) in tests {
            let design = try Requests.design([
                Requests.policy("p", [Requests.text(0)], [Requests.row(Condition(value, test))])
            ])
            #expect(design.shape.tables == [[kind]] && design.image.tables.map(\.entries.count) == [0])
        }
    }

    @Test func `Without selectors every call is told`() throws {
        let design = try Requests.design([Requests.policy("p", [], [])])
        #expect(design.image.rows.count == 1 && design.image.rows[0].row.flags == UInt32(MT_ROW_POST))
        #expect(ImageEngine(design).rows([:]) == [0])
    }

    @Test func `What goes beyond the limits says by how much`() throws {
        #expect(throws: HookDesign.Problem.values(33)) {
            try Requests.design([Requests.policy("p", (0..<33).map { Requests.number($0) }, [])])
        }
        let many = Requests.row((0..<65).map { _ in self.equals(0, [1]) })
        #expect(throws: HookDesign.Problem.conditions(65)) {
            try Requests.design([Requests.policy("p", [Requests.number(0)], [many])])
        }
        let policies = (0..<1025).map { Requests.policy("p\($0)", [], []) }
        #expect(throws: HookDesign.Problem.selectors(1025)) { try Requests.design(policies) }
        let tags = (0..<40).map { _ in String(repeating: "t", count: 128) }
        #expect {
            try Requests.design([Requests.policy("long", [], [], tags: tags)])
        } throws: { error in
            guard case HookDesign.Problem.words("long", let count) = error else { return false }
            return count > MT_ABOUT_MAX
        }
    }

    @Test func `What a selector says of itself are items that end on 8 bytes`() throws {
        let shown = [HookRequest.Shown(reading: 1, role: MT_ROLE_RETURN, label: "result")]
        let readings = [Requests.number(0), Requests.number(0, isAtReturn: true)]
        let first = Requests.policy("first", [Requests.text(3)], [])
        let rows = [HookRequest.Row(label: "a"), HookRequest.Row(label: nil)]
        let second = Requests.policy("second", readings, rows, message: "hello", tags: ["x", "yy"], shown: shown)
        let design = try Requests.design([first, second])
        func items(_ bytes: [UInt8]) -> [(mt_item, String)] {
            var items: [(mt_item, String)] = []
            var at = 0
            while at < bytes.count {
                let item = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: mt_item.self) }
                let begin = at + MemoryLayout<mt_item>.size
                items.append((item, String(decoding: bytes[begin..<begin + Int(item.length)], as: UTF8.self)))
                at = begin + (Int(item.length) + 7) & ~7
            }
            #expect(at == bytes.count && at % 8 == 0)
            return items
        }
        let told = items(design.image.rows[2].about)
        #expect(told.map(\.1) == ["second", "hello", "x", "yy", "", "result"])
        #expect(
            told.map(\.0.type)
                == [MT_ITEM_POLICY, MT_ITEM_MESSAGE, MT_ITEM_TAG, MT_ITEM_TAG, MT_ITEM_SELECTOR, MT_ITEM_SHOWS].map {
                    UInt16($0.rawValue)
                }
        )
        // The second selector, and the third of the values that the hook reads.
        #expect(told[4].0.slot == 1 && told[5].0.slot == 2 && told[5].0.detail == MT_ROLE_RETURN.rawValue)
        #expect(items(design.image.rows[1].about)[4].1 == "a")
        #expect(design.shape.aboutCapacity % 128 == 0)
    }
}
