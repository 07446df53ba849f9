import CWire
import Fixtures
import Testing

/// How arguments become Tetragon's one text, and a list beside it.
@Suite struct CommandLineTests {
    private func process(_ args: [UInt8]) throws -> JSON {
        let record = Records.exec(Texts.who, of: Who(1, start: 0), at: 1) { $0.body.args = $0.text(args) }
        return try #require(try Pipeline().json([record]).first).process_exec.process
    }

    private func block(_ args: String...) -> [UInt8] { args.flatMap { Array($0.utf8) + [0] } }

    @Test func theFirstArgumentIsLeftOutOfTheLineAndKeptInTheList() throws {
        let process = try process(block("/bin/true", "one", "two"))
        #expect(process.arguments.text == "one two")
        #expect(process.argv.texts == ["/bin/true", "one", "two"])
    }

    @Test func anArgumentWithASpaceStandsInQuotes() throws {
        let process = try process(block("sh", "-c", "echo a b", "x"))
        #expect(process.arguments.text == #"-c "echo a b" x"#)
        #expect(process.argv.texts == ["sh", "-c", "echo a b", "x"])
    }

    @Test func quotesAndNewlinesInArgumentsStayWhatTheyAre() throws {
        let process = try process(block("x", "a\"b", "c\nd", #"e\f"#))
        #expect(process.arguments.text == "a\"b c\nd e\\f")
        #expect(process.escaped.isAbsent)
    }

    @Test func emptyArgumentsAreCounted() throws {
        let process = try process(block("x", "", "", "y"))
        #expect(process.argv.texts == ["x", "", "", "y"])
        #expect(process.arguments.text == "  y")
    }

    @Test func aProgramAloneHasAnEmptyLine() throws {
        let process = try process(block("x"))
        #expect(process.arguments.text == "")
        #expect(process.argv.texts == ["x"])
    }

    @Test func aLastArgumentThatWasCutOffIsKept() throws {
        let process = try process(block("x", "one") + Array("tw".utf8))
        #expect(process.argv.texts == ["x", "one", "tw"])
        #expect(process.arguments.text == "one tw")
    }

    @Test func argumentsThatWereNotCapturedAreAbsent() throws {
        let record = Records.exec(Texts.who, of: Who(1, start: 0), at: 1) { $0.body.args = mt_str() }
        let process = try #require(try Pipeline().json([record]).first).process_exec.process
        #expect(process.arguments.isAbsent)
        #expect(process.argv.isAbsent)
    }

    @Test func oneBadArgumentIsEscapedAloneAndMarked() throws {
        let process = try process(block("x", #"a\b"#) + [0xff, 0x5c, 0] + block("ü"))
        #expect(process.argv.texts == ["x", #"a\b"#, #"\xff\\"#, "ü"])
        #expect(process.arguments.text == #"a\b \xff\\ ü"#)
        #expect(process.escaped.texts == ["arguments"])
        #expect(process.escaped_details.texts == ["argv"])
    }
}
