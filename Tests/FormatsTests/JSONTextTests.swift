import Testing

/// Bytes from outside as JSON strings.
@Suite struct JSONTextTests {
    private func raw(_ bytes: [UInt8]) throws -> String {
        String(decoding: try Texts.name(bytes).raw, as: UTF8.self)
    }

    @Test func quotesAndBackslashesAreEscaped() throws {
        #expect(try raw(Array(#"a"b\c"#.utf8)) == #"a\"b\\c"#)
    }

    @Test func controlsAreEscapedAndComeBack() throws {
        let all = (UInt8(1)..<0x20).map { $0 } + [0x7f]
        let (raw, event) = try Texts.name(all)
        #expect(raw.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
        #expect(event.name.text == String(decoding: all, as: UTF8.self))
        #expect(event.escaped.isAbsent)
    }

    @Test func delIsEscapedThoughJSONWouldTakeIt() throws {
        #expect(try raw([0x41, 0x7f, 0x42]) == #"A\u007fB"#)
    }

    @Test func aNULInATextIsEscaped() throws {
        #expect(try raw([0x41, 0, 0x42]) == #"A\u0000B"#)
    }

    @Test(arguments: [
        "ü", "€", "😀", "\u{7ff}", "\u{800}", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10000}", "\u{10ffff}", "\u{a0}",
    ])
    func validMultiByteTextStaysAsItIs(text: String) throws {
        let (raw, event) = try Texts.name(Array("/a \(text) \"z".utf8))
        #expect(raw == Array("/a \(text) \\\"z".utf8))
        #expect(event.name.text == "/a \(text) \"z")
        #expect(event.escaped.isAbsent)
    }

    @Test(
        arguments: [
            [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf],
            [0xf0, 0x80, 0x80, 0x80],
            [0xf0, 0x8f, 0xbf, 0xbf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80],
            [0xf5, 0x80, 0x80, 0x80],
            [0xff], [0xfe], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc3, 0x28], [0xe2, 0x28, 0xa1],
            [0xf0, 0x9f, 0x28, 0x80],
        ] as [[UInt8]]
    )
    func textThatIsNoUTF8IsEscapedByteByByteAndMarked(bytes: [UInt8]) throws {
        let expected = bytes.map { $0 < 0x80 ? String(UnicodeScalar($0)) : #"\x"# + String($0, radix: 16) }.joined()
        for (before, after) in [("", ""), ("a", ""), ("", "z"), ("ü", "€")] {
            let event = try Texts.name(Array(before.utf8) + bytes + Array(after.utf8)).event
            #expect(event.name.text == before + expected + after)
            #expect(event.escaped.texts == ["name"])
        }
    }

    @Test func c1ControlsAreEscapedThoughTheyAreUTF8() throws {
        let event = try Texts.name([0xc2, 0x9b, 0x33, 0x31, 0x6d]).event
        #expect(event.name.text == #"\xc2\x9b31m"#)
        #expect(event.escaped.texts == ["name"])
    }

    /// What was written before the bad byte is taken back and written anew, with backslashes doubled.
    @Test(arguments: [
        (#"a\b"#, #"a\\b"#), (#"quote " here"#, #"quote " here"#), ("tab\t\n\r\u{8}\u{c}", "tab\t\n\r\u{8}\u{c}"),
        ("\u{1b}[31m", "\u{1b}[31m"), ("ü\\€\"\u{7f}😀", #"ü\\€"# + "\"\u{7f}😀"), (#"\\\\"#, #"\\\\\\\\"#), ("", ""),
        ("plain", "plain"), ("\u{1}\u{1f}\\", "\u{1}\u{1f}\\\\"),
    ])
    func aTextThatIsBadOnlyAtItsEndIsWrittenAnew(good: String, expected: String) throws {
        let event = try Texts.name(Array(good.utf8) + [0xff]).event
        #expect(event.name.text == expected + #"\xff"#)
        #expect(event.escaped.texts == ["name"])
        #expect(event.path.text == "/etc/motd")
    }

    @Test func anEscapedTextCanBeToldFromOneThatLooksLikeIt() throws {
        let bad = try Texts.name([0xff]).event
        let good = try Texts.name(Array(#"\xff"#.utf8)).event
        #expect(bad.name.text == good.name.text)
        #expect(bad.escaped.texts == ["name"] && good.escaped.isAbsent)
        // within an escaped text, backslashes tell
        #expect(try Texts.name([0xff] + Array(#"\xff"#.utf8)).event.name.text == #"\xff\\xff"#)
    }

    @Test func everySingleByteAndPairGivesValidJSON() throws {
        for first in UInt8.min...UInt8.max {
            _ = try Texts.name([first])
            for second: UInt8 in [0, 0x22, 0x5c, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xff] {
                _ = try Texts.name([first, second])
            }
        }
    }

    @Test func everyScalarNearABoundaryComesBack() throws {
        for scalar in [
            0x20, 0x7e, 0xa0, 0x7ff, 0x800, 0xfff, 0x1000, 0xcfff, 0xd000, 0xd7ff, 0xe000, 0xfffd, 0x3ffff, 0x40000,
            0xfffff,
        ] {
            let text = String(try #require(UnicodeScalar(UInt32(scalar))))
            #expect(try Texts.name(Array(text.utf8)).event.name.text == text)
        }
    }
}
