import Fixtures
import Testing

/// Text is read eight bytes at a time: what a byte means does not depend on where it stands.
@Suite struct JSONTextPlacesTests {
    /// What a reader should find, told by the rules alone.
    private func expected(_ bytes: [UInt8]) -> (text: String, isEscaped: Bool) {
        let text = String(validating: bytes, as: UTF8.self)
        if let text, !text.unicodeScalars.contains(where: { (0x80..<0xa0).contains($0.value) }) { return (text, false) }
        let escaped = bytes.map { byte in
            byte == 0x5c ? #"\\"# : byte < 0x80 ? String(UnicodeScalar(byte)) : #"\x"# + String(byte, radix: 16)
        }
        return (escaped.joined(), true)
    }

    private func check(_ texts: [[UInt8]]) throws {
        let records = texts.map { text in Records.open(Texts.who, at: 1) { $0.body.name = $0.text(text) } }
        for (text, line) in zip(texts, try Pipeline().json(records)) {
            let expected = expected(text)
            let event = line.process_file
            if event.name.text != expected.text || event.escaped.isAbsent == expected.isEscaped {
                Issue.record("\(text): \(event.name), escaped: \(event.escaped)")
            }
        }
    }

    @Test(arguments: 0..<17) func anyByteAtAnyPlaceIsWrittenAlike(place: Int) throws {
        try check(
            (UInt8.min...UInt8.max).map { byte in
                var text = [UInt8](repeating: UInt8(ascii: "a"), count: 17)
                text[place] = byte
                return text
            }
        )
    }

    @Test(arguments: [0x00, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7e, 0x7f, 0x80] as [UInt8])
    func neighboursDoNotHideAByte(byte: UInt8) throws {
        let others: [UInt8] = [0x00, 0x01, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7e, 0x7f, 0x80, 0xff]
        try check(
            (0..<8).flatMap { place in
                others.map { other in
                    var text = [UInt8](repeating: other, count: 8)
                    text[place] = byte
                    return text
                }
            }
        )
    }

    @Test func aTextOfAnyLengthIsWhole() throws {
        try check((0..<40).map { count in (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) } })
        try check((0..<40).map { count in [UInt8](repeating: UInt8(ascii: "b"), count: count) + Array("ü\"".utf8) })
    }
}
