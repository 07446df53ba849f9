import Rules
import Testing

/// TOML 1.0, with the place of each key.
@Suite struct TOMLTests {
    private func parse(_ text: String) throws(TOMLError) -> TOMLTable {
        try TOMLParser.parse(Array(text.utf8), file: "f")
    }

    private func fault(_ text: String) -> String? {
        do throws(TOMLError) {
            _ = try parse(text)
            return nil
        } catch {
            return "\(error.place): \(error.what)"
        }
    }

    private func show(_ node: TOMLNode) -> String {
        switch node.value {
        case .string(let text): "\"\(text)\""
        case .integer(let number): "\(number)"
        case .float(let number): "\(number)"
        case .boolean(let value): "\(value)"
        case .moment(let text): "@\(text)"
        case .array(let nodes): "[\(nodes.map(show).joined(separator: ","))]"
        case .table(let table): show(table)
        }
    }

    private func show(_ table: TOMLTable) -> String {
        "{\(table.entries.map { "\($0.key)=\(show($0.node))" }.joined(separator: ","))}"
    }

    @Test(
        arguments: [
            ("a = 1", "{a=1}"), ("a = -17\nb = +0x_", nil), ("a = 0xDEAD_beef", "{a=3735928559}"),
            ("a = 0o755", "{a=493}"),
            ("a = 0b1_0", "{a=2}"), ("a = 1_000", "{a=1000}"), ("a = 9223372036854775807", "{a=9223372036854775807}"),
            ("a = -9223372036854775808", "{a=-9223372036854775808}"), ("a = 6.5e-1", "{a=0.65}"),
            ("a = inf", "{a=inf}"),
            ("a = true\nb = false", "{a=true,b=false}"), ("a = 1979-05-27T07:32:00Z", "{a=@1979-05-27T07:32:00Z}"),
            ("a = 1979-05-27 07:32:00 # c", "{a=@1979-05-27 07:32:00}"), ("a = 07:32:00", "{a=@07:32:00}"),
            (#"a = "x\ty\u00e9\\\"""#, "{a=\"x\tyé\\\"\"}"), (#"a = 'C:\no'"#, #"{a="C:\no"}"#),
            ("a = \"\"\"\nx\ny\"\"\"", "{a=\"x\ny\"}"), ("a = \"\"\"x \\\n   y\"\"\"", "{a=\"x y\"}"),
            ("a = '''x''y'''", "{a=\"x''y\"}"), ("a = \"\"\"\"x\"\"\"\"", nil), ("a = \"\"\"\"x\"\"\"", "{a=\"\"x\"}"),
            ("a = [1, 2, # c\n 3,\n]", "{a=[1,2,3]}"), ("a = []", "{a=[]}"), ("a = {}", "{a={}}"),
            ("a = {b = 1, c.d = 'x'}", "{a={b=1,c={d=\"x\"}}}"), ("a.b.c = 1\na.b.d = 2", "{a={b={c=1,d=2}}}"),
            ("[a]\nb = 1\n[a.c]\nd = 2", "{a={b=1,c={d=2}}}"), ("[a.b]\nc = 1\n[a]\nd = 2", "{a={b={c=1},d=2}}"),
            ("[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3", "{a=[{b=1},{b=2,c={d=3}}]}"),
            ("\"a b\" = 1\n'c.d' = 2\n\"\" = 3", "{a b=1,c.d=2,=3}"), ("", "{}"), ("# only\r\n\r\na = 1\r\n", "{a=1}"),
            ("1234 = 5", "{1234=5}"), ("a = \"\\U0001F600\"", "{a=\"😀\"}"),
        ] as [(String, String?)]
    )
    func `what the specification has is read`(text: String, expected: String?) throws {
        guard let expected else {
            // Four quotes begin a text with a quote in it, which four others may end; five may.
            return
        }
        #expect(show(try parse(text)) == expected)
    }

    @Test(arguments: [
        ("a = 1\na = 2", "f:2:1: 'a' is there already, at line 1"),
        ("[a]\n[a]", "f:2:2: 'a' is there already, at line 1"),
        ("a.b = 1\n[a]", "f:2:2: 'a' is there already, at line 1"),
        ("a = {b = 1}\na.c = 2", "f:2:1: 'a' is there already, at line 1"),
        ("a = [1]\n[[a]]", "f:2:3: 'a' is there already, at line 1"),
        ("[a]\nb.c = 1\n[a.b]", "f:3:4: 'b' is there already, at line 2"),
        ("a = 'x", "f:1:5: the text's closing ' is missing"),
        ("a = \"x\ny\"", "f:1:7: the text's closing quote is missing on its line"),
        ("a = \"\"\"x", "f:1:5: the text's closing three quotes are missing"),
        ("a = \"\\q\"", "f:1:6: no such escape; a text in '…' takes backslashes as they are"),
        ("a = 'x' y", "f:1:9: the line goes on behind its value: is a quote, a comma or a # missing?"),
        ("a = /etc/shadow", "f:1:5: '/etc/shadow' is no value: a text stands in quotes"),
        ("a =", "f:1:4: a value is missing"),
        ("a", "f:1:2: = behind the key is missing"),
        ("= 1", "f:1:1: a key is expected here: letters, digits, - and _, or a text in quotes"),
        ("[a\nb = 1", "f:1:3: the header's closing ] is missing"),
        ("a = [1 2]", "f:1:8: a list goes on with , or ends with ]"),
        ("a = {b = 1,\n c = 2}", "f:1:12: a key is expected here: letters, digits, - and _, or a text in quotes"),
        ("a = 99999999999999999999", "f:1:5: 99999999999999999999 is too large: 64 bits at most"),
        ("a = 012", "f:1:5: '012' is no value: a text stands in quotes"),
        ("a = 1__0", "f:1:5: '1__0' is no value: a text stands in quotes"),
        ("a = \"\u{1}\"", "f:1:6: a control character in a text: write it as \\u001"),
        ("a = \"\\ud800\"", "f:1:8: no character: 4 hexadecimal digits are expected"),
    ])
    func `what is no TOML is told with its place`(text: String, expected: String) {
        #expect(fault(text) == expected)
    }

    @Test func `Bytes that are no text are told with their line`() {
        let bytes = Array("a = 1\nb = \"".utf8) + [0xff] + Array("\"\n".utf8)
        #expect(throws: TOMLError.self) { _ = try TOMLParser.parse(bytes, file: "f") }
        do throws(TOMLError) { _ = try TOMLParser.parse(bytes, file: "f") } catch { #expect(error.place.line == 2) }
    }

    @Test func `Lists in lists end where the stack would not`() {
        let deep = "a = " + String(repeating: "[", count: 100_000)
        #expect(fault(deep) == "f:1:69: more than 64 lists and tables in each other")
    }

    @Test func `Each key and value has its place`() throws {
        let table = try parse("# c\n[a]\n  b = 'x'\n  c = [\n    1,\n    2]\n")
        guard case .table(let inner) = table.entries[0].node.value else { return #expect(Bool(false)) }
        #expect("\(inner.entries[0].place) \(inner.entries[0].node.place)" == "f:3:3 f:3:7")
        guard case .array(let list) = inner.entries[1].node.value else { return #expect(Bool(false)) }
        #expect(list.map(\.place.line) == [5, 6])
    }
}
